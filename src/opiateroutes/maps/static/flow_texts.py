"""Sentences around a map of flows, made from the tables that it draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from opiateroutes.maps.static.layout import SUBTITLE_SIZE, inner_width
from opiateroutes.maps.static.text import text_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opiateroutes.maps.inputs import FitTables
    from opiateroutes.maps.static.flow_words import Words
    from opiateroutes.maps.static.moves import Move

__all__ = [
    "drawn_text",
    "estimate_text",
    "example_text",
    "in_year",
    "listed",
    "measure_of",
    "one_line",
    "published_text",
]

_EXAMPLES, _PUBLISHERS = 3, 4
_ASSUMPTION = "assumption"
_BETWEEN = "  |  "


def measure_of(fit: FitTables, words: Words) -> str:
    """Say what the kilograms are of.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from opiateroutes.maps.static.flow_words import words_in
    >>> measure_of(SimpleNamespace(unit="kg heroin equivalent"), words_in("fr"))
    'équivalent héroïne'
    """
    measure = fit.unit.removeprefix("kg").strip() or fit.unit
    own = f"measure_{measure}"
    return words.say(own) if words.knows(own) else measure


def in_year(title: str, fit: FitTables, words: Words) -> str:
    """Put the year behind a title; a fit of several years has none.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from opiateroutes.maps.static.flow_words import words_in
    >>> in_year("Flows", SimpleNamespace(year=2010), words_in())
    'Flows, 2010'
    """
    return title if fit.year is None else words.say("in_year", title=title, year=int(fit.year))


def estimate_text(fit: FitTables, words: Words) -> str:
    """Say that these are estimates, of what and of when.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from opiateroutes.maps.static.flow_words import words_in
    >>> estimate_text(SimpleNamespace(year=None, unit="kg opium"), words_in())
    'Estimates, opium, several years'
    """
    year = words.say("several_years") if fit.year is None else int(fit.year)
    return words.say("estimate", measure=measure_of(fit, words), year=year)


def drawn_text(
    drawn: Sequence[Move], moves: Sequence[Move], words: Words, *, changes: bool = False
) -> str:
    """Say how many of the moves are drawn, and how much of the quantity that is.

    Examples
    --------
    >>> from opiateroutes.maps.static.flow_words import words_in
    >>> drawn_text([], [], words_in(), changes=True)
    'no flow changes in this estimate'
    """
    ending = "_changes" if changes else ""
    if not moves:
        return words.say("nothing_changes" if changes else "nothing")
    if len(drawn) == len(moves):
        return words.say(f"drawn_all{ending}", all=words.number(len(moves)))
    share = sum(abs(m.kg) for m in drawn) / sum(abs(m.kg) for m in moves)
    return words.say(
        f"drawn{ending}",
        shown=words.number(len(drawn)),
        all=words.number(len(moves)),
        share=words.percent(share),
    )


def example_text(
    drawn: Sequence[Move], names: Mapping[str, str], words: Words, *, changes: bool = False
) -> str:
    r"""Write the largest moves with their intervals; empty where nothing moves.

    Examples
    --------
    >>> from opiateroutes.maps.static.flow_words import words_in
    >>> from opiateroutes.maps.static.moves import Move
    >>> moves = [Move("a", "b", 9.0, 5.0, 20.0, "none", True)]
    >>> example_text(moves, {"a": "A", "b": "B"}, words_in())
    'Largest flows, with 90% interval: A → B 9\xa0kg (5\xa0kg to 20\xa0kg).'
    """
    known = [m for m in drawn[:_EXAMPLES] if m.low is not None and m.high is not None]
    key = "example_changes" if changes else "examples"
    said = [_example(move, names, words, signed=changes) for move in known or drawn[:_EXAMPLES]]
    if not said:
        return ""
    return words.say(
        key if known else f"{key}_plain", examples=words.say("between_examples").join(said)
    )


def _example(move: Move, names: Mapping[str, str], words: Words, *, signed: bool) -> str:
    about: dict[str, Any] = {
        "start": names[move.start],
        "end": names[move.end],
        "amount": words.kg(move.kg, signed=signed),
    }
    if move.low is None or move.high is None:
        return words.say("example_plain", **about)
    low, high = (words.kg(kg, signed=signed) for kg in (move.low, move.high))
    return words.say("example", **about, low=low, high=high)


def published_text(fit: FitTables, words: Words) -> str:
    """Name who published the figures that were used; empty where the fit does not say.

    Publications that the fit knows of but took no figure from are not counted.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from opiateroutes.maps.static.flow_words import words_in
    >>> sources = pd.DataFrame({"publisher": ["UNODC", "EMCDDA"]}, index=["wdr2010", "edr2010"])
    >>> used = pd.DataFrame({"source": ["wdr2010; assumption"]})
    >>> published_text(SimpleNamespace(sources=sources, residuals=used), words_in())
    'Figures behind the estimates: UNODC, and assumptions.'
    """
    sources, used = (getattr(fit, name, None) for name in ("sources", "residuals"))
    if not isinstance(sources, pd.DataFrame) or "publisher" not in sources:
        return ""
    if not isinstance(used, pd.DataFrame) or "source" not in used:
        return ""
    figures = used["source"].dropna().astype("str").str.split(";").explode().str.strip()
    is_assumed = figures == _ASSUMPTION
    publishers = figures[~is_assumed].map(sources["publisher"]).dropna()
    named = publishers.rename("publisher").reset_index()
    # A figure from two publications of one publisher counts once.
    counts = named.drop_duplicates()["publisher"].astype("str").value_counts(sort=False)
    # Most figures first; the name settles ties.
    order = sorted(counts.items(), key=lambda each: (-each[1], str(each[0])))
    if not order:
        return ""
    names = listed([str(p) for p, _ in order], words, _PUBLISHERS)
    names = words.say("and_assumptions", names=names) if is_assumed.any() else names
    return words.say("published", publishers=names)


def listed(names: Sequence[str], words: Words, most: int) -> str:
    """Write names with commas, and how many more there are than ``most``.

    Examples
    --------
    >>> from opiateroutes.maps.static.flow_words import words_in
    >>> listed(["A", "B", "C"], words_in(), 2)
    'A, B and 1 more'
    >>> listed(["A", "B", "C"], words_in("fr"), 2)
    'A, B et 1 autre'
    """
    text = ", ".join(names[:most])
    more = len(names) - most
    if more <= 0:
        return text
    return words.say("and_one_more" if more == 1 else "and_more", names=text, count=more)


def one_line(parts: Sequence[str], width: float) -> tuple[str, list[str]]:
    """Put as many parts on the line under the title as fit into a sheet; return the others too.

    Parameters
    ----------
    parts : sequence of str
        In order.
    width : float
        Of the sheet, in points.

    Examples
    --------
    >>> one_line(["one", "two", "three"], 50.0)
    ('one', ['two', 'three'])
    """
    line, rest = "", list(parts)
    while rest:
        longer = f"{line}{_BETWEEN}{rest[0]}" if line else rest[0]
        if line and text_size(longer, SUBTITLE_SIZE)[0] > inner_width(width):
            break
        line = longer
        rest.pop(0)
    return line, rest
