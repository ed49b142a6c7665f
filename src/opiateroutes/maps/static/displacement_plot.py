"""`plot_displacement`: where flows go if enforcement grows, as bands on a map for print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opiateroutes.errors import MapError
from opiateroutes.maps.static.column import Item
from opiateroutes.maps.static.elements import element_name, places_of_element
from opiateroutes.maps.static.flow_texts import (
    drawn_text,
    estimate_text,
    example_text,
    in_year,
    listed,
    measure_of,
    one_line,
)
from opiateroutes.maps.static.looks import Look
from opiateroutes.maps.static.moves import changed, through
from opiateroutes.maps.static.scene import Scene, Setting
from opiateroutes.maps.static.signs import ENFORCED, ENFORCED_AREA, Sign
from opiateroutes.maps.static.staging import A4_CM, figure_of, points_wide, width_items

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from matplotlib.figure import Figure

    from opiateroutes.maps.inputs import FitTables, SampledTables
    from opiateroutes.maps.static.flow_words import Words
    from opiateroutes.maps.static.moves import Move
    from opiateroutes.maps.static.scene import Stage

    Floats = npt.NDArray[np.float64]

__all__ = ["plot_displacement"]

_NEUTRAL = "#4b5b66"
# Far apart for every eye; the kind of line repeats what the colour says.
_GAIN, _LOSS = "#D55E00", "#0072B2"
_SWATCH_WIDTH = 4.0
_NAMED = 3
# A node or a leg; an element with more places is an area.
_ENDS = 2


def plot_displacement(  # noqa: PLR0913 - what is drawn, and how: each is one word of a call
    displacement: pd.DataFrame,
    fit: FitTables | SampledTables,
    *,
    at: str | Iterable[str] = (),
    effort: float | None = None,
    reaction: float | None = None,
    share: float = 0.9,
    extent: Any = None,
    labels: Any = "auto",
    size: tuple[float, float] = A4_CM,
    title: str | None = None,
    language: str = "en",
    notice: str = "full",
    basemap: str | os.PathLike[str] | None = None,
    out: str | Path | None = None,
) -> Figure:
    """Draw how flows change when enforcement grows somewhere, as a map for print.

    Flows after minus flows before, per directed pair of places: what grows is a solid band in
    vermilion, what shrinks a dashed one in blue, with widths linear in the size of the change. A
    change whose 90 % interval includes zero is pale. Nothing is estimated here.

    Parameters
    ----------
    displacement : pandas.DataFrame
        What `Chokepoints.displacement` returned: ``from_node``, ``to_node``, ``change_kg``, and
        ``change_low_kg`` and ``change_high_kg`` where intervals are known.
    fit : FlowFit or FlowEnsemble
        The fit that was perturbed: its network, unit and year.
    at : str or iterable of str, optional
        Ids of the nodes, legs or borders where enforcement grew, or codes of countries; they are
        marked.
    effort, reaction : float, optional
        What the displacement assumes, to be printed: share stopped in addition (0 to 1), and how
        strongly traffickers go round it.
    share : float, default 0.9
        The largest changes that make up this share of all change are drawn, and the map says so.
    extent, labels, size, title, language, notice, basemap, out
        See `plot_flows`.

    Returns
    -------
    matplotlib.figure.Figure
        See `plot_flows`.

    Raises
    ------
    MapError
        A column is missing, a node has no position, ``at`` names nothing in the network, an
        argument is not understood, or the sheet is too small.
    UnknownNameError
        There are no words in the language.
    OutputError
        ``out`` cannot be written.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    >>> moved = opr.find_chokepoints(fit).displacement("IRN", reaction=2.0)
    >>> figure = plot_displacement(moved, fit, at="IRN", size=(17, 11))
    >>> len(figure.axes)
    1
    """
    setting = Setting.of(fit, language)
    words = setting.words
    enforced = _enforced(at, setting)
    assumed = _assumed(effort, reaction, words)
    heading = in_year(_title(enforced, setting), setting.fit, words) if title is None else title

    def scene_of(drawn: list[Move], moves: list[Move]) -> Scene:
        drawn_of_all = drawn_text(drawn, moves, words, changes=True)
        facts = [estimate_text(setting.fit, words), *assumed, drawn_of_all]
        subtitle, rest = one_line(facts, points_wide(size))
        examples = example_text(drawn, setting.names, words, changes=True)
        remarks = [*(f"{text}." for text in rest), examples]
        return Scene(
            setting=setting,
            moves=drawn,
            looks=[_look(move) for move in drawn],
            through_kg=through(moves),
            title=heading,
            subtitle=subtitle,
            remarks=[" ".join(text for text in remarks if text)],
        )

    return figure_of(
        scene_of,
        changed(displacement, setting.places),
        share=share,
        items=lambda scene, stage: _items(scene, stage, is_marked=bool(enforced)),
        signs=lambda paper: _signs(enforced, paper),
        named={place for spot in enforced.values() for place in spot if len(spot) <= _ENDS},
        extent=extent,
        labels=labels,
        size=size,
        notice=notice,
        basemap=basemap,
        out=out,
    )


def _enforced(at: str | Iterable[str], setting: Setting) -> dict[str, tuple[str, ...]]:
    elements = [at] if isinstance(at, str) else [str(element) for element in at]
    found = {
        element: places_of_element(element, setting.net, setting.places) for element in elements
    }
    unknown = [element for element, spot in found.items() if not spot]
    if unknown:
        raise MapError(
            f"at: {', '.join(unknown)} is no node, leg, border or country code of the network "
            "that has a position"
        )
    return found


def _title(enforced: Mapping[str, tuple[str, ...]], setting: Setting) -> str:
    words = setting.words
    if not enforced:
        return words.say("change_anywhere")
    names = [
        element_name(element, spot, setting.net, setting.names, words)
        for element, spot in enforced.items()
    ]
    return words.say("change", names=listed(list(dict.fromkeys(names)), words, _NAMED))


def _assumed(effort: float | None, reaction: float | None, words: Words) -> list[str]:
    parts = []
    if effort is not None:
        parts.append(words.say("assumed", effort=words.percent(effort)))
    if reaction is not None:
        parts.append(words.say("assumed_reaction", reaction=words.number(reaction)))
    return [", ".join(parts)] if parts else []


def _look(move: Move) -> Look:
    colour, kind = (_GAIN, "solid") if move.group == "gain" else (_LOSS, "cut")
    return Look(colour, kind, is_pale=not move.sure)


def _items(scene: Scene, stage: Stage, *, is_marked: bool) -> list[Item]:
    fit, words = scene.setting.fit, scene.setting.words
    heading = words.say("changes", measure=measure_of(fit, words))
    items = width_items(scene, stage, heading, _NEUTRAL)
    seen = stage.in_view(scene.moves)
    kinds = {move.group for move in seen}
    for key, look in (("gain", Look(_GAIN)), ("loss", Look(_LOSS, "cut"))):
        if key in kinds:
            items.append(Item(words.say(key), look, _SWATCH_WIDTH))
    if not all(move.sure for move in seen):
        items.append(Item(words.say("unsure"), Look(_GAIN, is_pale=True), _SWATCH_WIDTH))
    if any(move.low is None or move.high is None for move in seen):
        items.append(Item(words.say("no_interval")))
    if is_marked:
        items.append(Item(words.say("enforced"), ENFORCED))
    return items


def _signs(enforced: Mapping[str, tuple[str, ...]], paper: Mapping[str, Floats]) -> list[Sign]:
    """Mark each place once; the places of a leg are its two ends."""
    styles = {
        place: ENFORCED if len(spot) <= _ENDS else ENFORCED_AREA
        for spot in enforced.values()
        for place in spot
    }
    return [
        Sign(place, style, *paper[place].tolist())
        for place, style in styles.items()
        if place in paper
    ]
