"""Maps: one fit drawn as one self-contained, interactive HTML file."""

from opiateroutes.maps.interactive import AtlasMap, explore

__all__ = ["AtlasMap", "explore"]
