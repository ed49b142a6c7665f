"""Maps of a chokepoint report, each as a drawing and as pixels."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from opiateroutes.maps import static
from opiateroutes.reports.document import Figure, Section
from opiateroutes.reports.drawings import slim_svg

if TYPE_CHECKING:
    from opiateroutes.reports.chokepoints.material import Material

__all__ = ["displacement_figure", "map_section"]

_DPI = 200
_PAGE_CM, _HALF_PAGE_CM = (17.4, 21.5), (17.4, 11.5)
"""As wide as the text on A4: letters then keep their size."""


def map_section(material: Material) -> Section:
    """Write the section of the map: estimated flows with the chokepoints on them."""
    words = material.words
    drawn = static.plot_flows(
        material.fit, chokepoints=material.found, size=_PAGE_CM, language=words.language
    )
    caption = words.say(
        "Estimated flows, {year}, and the places in order of their drop. Width shows the estimated "
        "quantity a year. Arrows join places and are not trafficking itineraries.",
        year=material.year,
    )
    largest = material.fit.legs.nlargest(3, "flow_kg")
    flows = "; ".join(
        words.say(
            "from {start} to {end}: {weight}",
            start=material.places.name(leg.from_node),
            end=material.places.name(leg.to_node),
            weight=words.weight(leg.flow_kg),
        )
        for leg in largest.itertuples()
    )
    alt = words.say(
        "Map of estimated flows. The largest: {flows}. Places marked first: {places}.",
        flows=flows,
        places=material.places.names(material.first),
    )
    return Section(words.say("Flows and chokepoints"), (_figure(drawn, caption, alt),))


def displacement_figure(material: Material, place: str) -> Figure:
    """Draw where flows would grow and fall with extra enforcement at one place."""
    words = material.words
    moved = material.displacement[place]
    drawn = static.plot_displacement(
        moved,
        material.fit,
        at=[place],
        effort=material.found.effort,
        reaction=material.reaction,
        size=_HALF_PAGE_CM,
        language=words.language,
    )
    name = material.places.name(place, material.rows.at[place, "name"])
    caption = words.say(
        "Estimated change of flows with {effort} more stopped at this place: {name}, reaction "
        "{reaction}.",
        effort=words.percent(material.found.effort),
        name=name,
        reaction=f"{material.reaction:g}",
    )
    gains = "; ".join(
        words.say(
            "from {start} to {end}: {weight}",
            start=material.places.name(leg.from_node),
            end=material.places.name(leg.to_node),
            weight=words.change(leg.change_kg),
        )
        for leg in moved.head(3).itertuples()
        if leg.change_kg > 0
    )
    alt = words.say(
        "Map of changed flows. Largest gains: {flows}.", flows=gains or words.say("none")
    )
    return _figure(drawn, caption, alt)


def _figure(drawn: Any, caption: str, alt: str) -> Figure:
    """Save a figure of matplotlib in both forms."""
    forms = {kind: io.BytesIO() for kind in ("svg", "png")}
    for kind, stream in forms.items():
        drawn.savefig(stream, format=kind, dpi=_DPI)
    return Figure(caption, alt, svg=slim_svg(forms["svg"].getvalue()), png=forms["png"].getvalue())
