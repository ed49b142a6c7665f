"""`plot_flows`: estimated flows as bands on a map for print, with what is sure and what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from opiateroutes.data import load_routes
from opiateroutes.maps.families import Families
from opiateroutes.maps.static.chokepoint_key import chokepoint_key
from opiateroutes.maps.static.column import Item
from opiateroutes.maps.static.flow_texts import (
    drawn_text,
    estimate_text,
    example_text,
    in_year,
    measure_of,
    one_line,
    published_text,
)
from opiateroutes.maps.static.looks import Look
from opiateroutes.maps.static.moves import flowing, through
from opiateroutes.maps.static.scene import Scene, Setting
from opiateroutes.maps.static.staging import A4_CM, figure_of, points_wide, width_items

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from matplotlib.figure import Figure

    from opiateroutes.maps.inputs import ChokepointTables, FitTables, NetworkTables, SampledTables
    from opiateroutes.maps.static.moves import Move
    from opiateroutes.maps.static.scene import Stage

__all__ = ["plot_flows"]

_NEUTRAL = "#4b5b66"
_SWATCH_WIDTH = 4.0


def plot_flows(
    fit: FitTables | SampledTables,
    *,
    chokepoints: ChokepointTables | None = None,
    share: float = 0.9,
    extent: Any = None,
    labels: Any = "auto",
    size: tuple[float, float] = A4_CM,
    title: str | None = None,
    language: str = "en",
    notice: str = "full",
    routes: pd.DataFrame | None = None,
    basemap: str | os.PathLike[str] | None = None,
    out: str | Path | None = None,
) -> Figure:
    """Draw estimated flows as a map for print.

    Each directed pair of places is one curved band with its head at the target; there and back lie
    on two sides. Widths are linear in kg: the legend has three of them, and the amount below which
    every band has the thinnest line. Colour is the family of published routes. A band of full
    colour rests mostly on evidence, a dashed one mostly on the model (leverage below one half); the
    intervals of the largest flows are written under the map. Nothing is estimated here.

    Parameters
    ----------
    fit : FlowFit or FlowEnsemble
        Estimated flows, in kg a year; of an ensemble the flows at the best values.
    chokepoints : Chokepoints, optional
        Its first elements at the reaction that orders it are drawn as diamonds, with a key of their
        drops. Numbers are ranks, and stand there only if the table knows how stable they are;
        otherwise letters tell the diamonds apart.
    share : float, default 0.9
        The largest flows that make up this share of all flows added up are drawn, and the map says
        so: the last tenth of the quantity is most of the arrows.
    extent : tuple of float, str, list of str or None
        As for `opiateroutes.RouteNetwork.plot`; None holds the ends of all flows drawn.
    labels : "auto", "all", None or names
        Places to name. ``"auto"`` names those with the largest throughput, as many as the map has
        room for.
    size : (float, float), default (29.7, 21.0)
        Width and height in centimetres; A4 across by default. Two figures of 17 by 11 fill a page.
    title : str, optional
        Text above the map, in place of the one that says what is shown.
    language : str, default "en"
        One of `opiateroutes.maps.static.flow_words.WORDS`. Names of countries are in it too.
    notice : {"full", "brief"}, default "full"
        ``"brief"`` leaves out the sentences about single disputed places and who published the
        figures: for a map in a document that prints both in full once.
    routes : pandas.DataFrame, optional
        Named routes; the published ones by default.
    basemap : path-like, optional
        Folder with another base map, see `opiateroutes.explore`.
    out : path-like, optional
        Write the figure here: ``.png``, ``.svg`` or ``.pdf``.

    Returns
    -------
    matplotlib.figure.Figure
        Outside pyplot, the same bytes at every saving. Its first axes have ``project(lon, lat)``
        for more marks.

    Raises
    ------
    MapError
        No node or not every node of a flow has a position, an argument is not understood, or the
        sheet is too small.
    UnknownNameError
        There are no words in the language.
    OutputError
        ``out`` cannot be written.

    References
    ----------
    B. Jenny et al., "Design principles for origin-destination flow maps", Cartography and
    Geographic Information Science 45 (2018): curved arrows, bent the more the longer, width by
    quantity.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    >>> plot_flows(fit, size=(17, 11)).get_size_inches().round(2).tolist()
    [6.69, 4.33]
    """
    setting = Setting.of(fit, language)
    net, places = setting.net, setting.places
    published = load_routes() if routes is None else routes
    families = Families.from_routes(published, _countries(net))
    key = chokepoint_key(chokepoints, net, places, setting.names, setting.words)
    heading = in_year(setting.words.say("flows"), setting.fit, setting.words)

    def scene_of(drawn: list[Move], moves: list[Move]) -> Scene:
        scene = _scene(drawn, moves, setting=setting, families=families, size=size)
        behind = published_text(setting.fit, setting.words) if notice == "full" else ""
        remarks = [" ".join(text for text in (*scene.remarks, behind) if text)]
        title_above = heading if title is None else title
        return replace(
            scene, title=title_above, remarks=remarks, heading=key.heading, key=key.entries
        )

    return figure_of(
        scene_of,
        flowing(setting.fit.legs, places, families),
        share=share,
        items=lambda scene, stage: _items(scene, stage, families),
        signs=key.signs,
        extent=extent,
        labels=labels,
        size=size,
        notice=notice,
        basemap=basemap,
        out=out,
    )


def _scene(
    drawn: Sequence[Move],
    moves: Sequence[Move],
    *,
    setting: Setting,
    families: Families,
    size: tuple[float, float],
) -> Scene:
    words = setting.words
    colours = {str(group["id"]): str(group["colour"]) for group in families.payload()}
    facts = [estimate_text(setting.fit, words), drawn_text(drawn, moves, words)]
    subtitle, rest = one_line(facts, points_wide(size))
    examples = example_text(drawn, setting.names, words)
    remarks = [*rest, examples]
    return Scene(
        setting=setting,
        moves=drawn,
        looks=[Look(colours[m.group], "solid" if m.sure else "model") for m in drawn],
        through_kg=through(moves),
        title="",
        subtitle=subtitle,
        remarks=[" ".join(text for text in remarks if text)],
    )


def _items(scene: Scene, stage: Stage, families: Families) -> list[Item]:
    fit, words = scene.setting.fit, scene.setting.words
    items = width_items(
        scene, stage, words.say("amounts", measure=measure_of(fit, words)), _NEUTRAL
    )
    seen = stage.in_view(scene.moves)
    groups = {move.group for move in seen}
    for group in families.payload():
        key = str(group["id"])
        if key in groups:
            own = f"route_{key}"
            said = words.say(own) if words.knows(own) else words.say("route", name=key)
            items.append(Item(said, Look(str(group["colour"])), _SWATCH_WIDTH))
    items += [Item(words.say("rests"), is_heading=True)] if seen else []
    for key, look in (("evidence", Look(_NEUTRAL)), ("model", Look(_NEUTRAL, "model"))):
        if any(move.sure == (key == "evidence") for move in seen):
            items.append(Item(words.say(key), look, _SWATCH_WIDTH))
    return items


def _countries(net: NetworkTables) -> dict[str, str]:
    """Country of each node that lies in one: published routes name countries."""
    nodes = net.nodes
    known = nodes["iso3"].dropna() if "iso3" in nodes else {}
    return {str(node): str(code) for node, code in known.items() if str(node) != str(code)}
