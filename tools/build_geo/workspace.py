"""Where the build reads and writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
RULES = Path(__file__).resolve().parent / "rules"


@dataclass(frozen=True)
class Workspace:
    """The folders of one build.

    Attributes
    ----------
    geo : Path
        Folder of the layers; hand-kept tables are read here and built layers are written here.
    cache : Path
        Folder for downloaded packages and the members taken out of them.
    evidence : Path
        Folder of the evidence tables; only ``itineraries.csv`` is read.
    """

    geo: Path = REPOSITORY / "data" / "geo"
    cache: Path = field(default_factory=lambda: Path.home() / ".cache" / "opiateroutes-build-geo")
    evidence: Path = REPOSITORY / "data" / "evidence"
