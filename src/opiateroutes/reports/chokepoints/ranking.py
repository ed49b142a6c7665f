"""The ranked table: drops at every reaction, ranks with their stability, what each rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opiateroutes.reports.chokepoints.cells import (
    KILOGRAMS,
    PERCENT,
    WHOLE,
    interval_column,
    known,
    rank_interval,
    share_cell,
    unit_name,
    weight_cell,
)
from opiateroutes.reports.chokepoints.material import SHOWN
from opiateroutes.reports.document import Cell, Column, Paragraph, Section, Table

if TYPE_CHECKING:
    import pandas as pd

    from opiateroutes.reports.chokepoints.material import Material
    from opiateroutes.reports.wording import Wording

__all__ = ["ranking_section"]


def ranking_section(material: Material) -> Section:
    """Write the ranked table."""
    say = material.words.say
    intro = say(
        "Each row answers for one place alone. The drop is the share by which what reaches all "
        "consumers together would fall; a negative drop is a rise. Reaction 0: nobody goes round "
        "the place; 1: routes are chosen in proportion to what comes through; above 1: they are "
        "avoided more strongly. A place that keeps its drop from left to right is a chokepoint; "
        "one that loses it is a place that traffickers can do without."
    )
    return Section(
        say("Places in order of the estimated drop"),
        (Paragraph(intro), _table(material)),
        new_page=True,
    )


def _table(material: Material) -> Table:
    words, found = material.words, material.found
    shown = material.rows.head(SHOWN)
    drops = {k: material.at(k) for k in found.reactions}
    columns = [Column(words.say("Place")), *_heads(material)]
    rows = [
        (
            Cell(material.places.name(str(place), row["name"])),
            *_amount(material, str(place)),
            *(_drop(words, table.loc[place]) for table in drops.values()),
            *(_stability(words, row) if material.sampled else ()),
            *_leverage(material, str(place)),
        )
        for place, row in shown.iterrows()
    ]
    return Table(
        words.say(
            "Estimated drop in what reaches consumers if {effort} more is stopped, {year}, with "
            "90% intervals",
            effort=words.percent(found.effort),
            year=material.year,
        ),
        tuple(columns),
        tuple(rows),
        words.say("Ranking"),
        _note(material),
    )


def _heads(material: Material) -> list[Column]:
    words, found = material.words, material.found
    passes = interval_column(words, words.say("Passes"), KILOGRAMS)
    drops = [
        interval_column(words, words.say("Drop, reaction {reaction}", reaction=f"{k:g}"), PERCENT)
        for k in found.reactions
    ]
    stability = [
        interval_column(words, words.say("Rank"), WHOLE),
        Column(
            words.say("Probability of first {top}", top=found.top), "end", number_format=PERCENT
        ),
    ]
    rests = Column(words.say("From data"), "end", number_format="0%")
    by_node = found.kind == "node"
    return [
        *([passes] if by_node else []),
        *drops,
        *(stability if material.sampled else []),
        *([rests] if by_node else []),
    ]


def _drop(words: Wording, row: pd.Series) -> Cell:
    return share_cell(words, row["drop_share"], row["drop_low"], row["drop_high"])


def _stability(words: Wording, row: pd.Series) -> tuple[Cell, Cell]:
    values = tuple(known(row[name]) for name in ("rank", "rank_low", "rank_high"))
    rank = Cell(f"{row['rank']:.0f}", rank_interval(words, row), values)
    return rank, Cell(words.probability(row["in_top"]), numbers=(known(row["in_top"]),))


def _amount(material: Material, place: str) -> tuple[Cell, ...]:
    if material.found.kind != "node":
        return ()
    row: Any = material.fit.nodes.loc[place]
    names = ("throughput_kg", "throughput_low_kg", "throughput_high_kg")
    return (weight_cell(material.words, *(row[name] for name in names)),)


def _leverage(material: Material, place: str) -> tuple[Cell, ...]:
    if material.found.kind != "node":
        return ()
    share = known(material.fit.nodes.at[place, "leverage"])
    words = material.words
    text = words.say("not known") if share is None else words.percent(share)
    return (Cell(text, numbers=(share,)),)


def _note(material: Material) -> str:
    words, found = material.words, material.found
    shown, total = min(SHOWN, len(material.rows)), len(material.rows)
    parts = [
        words.say(
            "The first {shown} of {total} places, in order of the drop at reaction {reaction}.",
            shown=shown,
            total=total,
            reaction=f"{material.reaction:g}",
        )
    ]
    if found.kind == "node":
        parts.append(
            words.say(
                "Passes: quantity a year, in {unit}, before any extra enforcement. From data: how "
                "far that quantity rests on published figures (100%) or on the model (0%).",
                unit=unit_name(words, material.fit.unit),
            )
        )
    parts.append(
        words.say(
            "Rank: at the best estimate, with the 90% interval over the draws at reaction "
            "{reaction}. Where an interval of a drop reaches below zero, a rise is not excluded.",
            reaction=f"{material.reaction:g}",
        )
        if material.sampled
        else words.say("No ranks and no intervals of drops: the estimate was made without draws.")
    )
    return " ".join(parts)
