"""What would change the first places: a source or an edition left out, an input that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.reports.chokepoints.cells import PERCENT, known
from opiateroutes.reports.chokepoints.inputs import input_name
from opiateroutes.reports.chokepoints.references import figures_left_out, split_ids
from opiateroutes.reports.document import Cell, Column, Paragraph, Section, Table

if TYPE_CHECKING:
    from opiateroutes.reports.chokepoints.material import Material
    from opiateroutes.reports.document import Block

__all__ = ["stability_section"]

_NONE = "\N{EN DASH}"


def stability_section(material: Material) -> Section:
    """Write what changes the first places when it is left out, and which inputs decide."""
    words, top = material.words, material.found.top
    intro = words.say(
        "Each source and each edition was left out in turn and the estimate made anew from all the "
        "others; sources that figures rest on together were left out together, those of supply "
        "never. A finding that hangs on one publication shows here. In, out: places that enter and "
        "leave the first {top}. Why: the largest figure left out, and of the places concerned the "
        "one where the quantity that passes changes most. Rank correlation: over all places, also "
        "those that hardly matter; 1 where the order stays as it is.",
        top=top,
    )
    by_source = _left_out_table(
        material,
        "source",
        heading=words.say("Source left out"),
        caption=words.say("The first {top} without one source", top=top),
        sheet=words.say("Without a source"),
    )
    by_edition = _left_out_table(
        material,
        "edition",
        heading=words.say("Edition left out"),
        caption=words.say("The first {top} without one edition", top=top),
        sheet=words.say("Without an edition"),
    )
    blocks: tuple[Block, ...] = (Paragraph(intro), by_source, by_edition, *_drivers(material))
    return Section(words.say("What would change the order"), blocks)


def _left_out_table(
    material: Material, kind: str, *, heading: str, caption: str, sheet: str
) -> Table | Paragraph:
    words, places = material.words, material.places
    if material.flips[kind].empty:
        return Paragraph(words.say("{caption}: no figure names one.", caption=caption))
    flips, note = _told(material, kind)
    if flips.empty:
        return Paragraph(note, "note")
    columns = (
        Column(heading),
        Column(words.say("Figures"), "end", number_format="0"),
        Column(words.say("The first then")),
        Column(words.say("In, out")),
        Column(words.say("Why")),
        Column(words.say("Rank correlation"), "end", number_format="0.00"),
    )
    rows = tuple(
        (
            Cell(_left_out(material, str(left_out))),
            _figures(material, kind, str(left_out)),
            Cell(places.names(row["first"])),
            Cell(_exchange(material, row)),
            Cell(_why(material, row)),
            Cell(
                words.number(row["rank_correlation"], digits=2),
                numbers=(known(row["rank_correlation"]),),
            ),
        )
        for left_out, row in flips.iterrows()
    )
    return Table(caption, columns, rows, sheet, note)


def _told(material: Material, kind: str) -> tuple[pd.DataFrame, str]:
    """Leave out the editions that hold the figures of one row of the sources, and say so."""
    flips = material.flips[kind]
    if kind == "source":
        return flips, ""
    told = {_finding(row) for _, row in material.flips["source"].iterrows()}
    again = [_finding(row) in told for _, row in flips.iterrows()]
    if not any(again):
        return flips, ""
    note = material.words.say(
        "Editions that hold the figures of one row of the table above are not repeated: "
        "{editions}.",
        editions=", ".join(sorted(str(edition) for edition in flips.index[again])),
    )
    return flips[[not repeated for repeated in again]], note


def _finding(row: pd.Series) -> tuple[object, ...]:
    names = ("rows", "first", "why", "rank_correlation")
    return tuple(row[name] for name in names)


def _figures(material: Material, kind: str, left_out: str) -> Cell:
    count = figures_left_out(material.fit.residuals, kind, left_out)
    return Cell(str(count), numbers=(count,))


def _exchange(material: Material, row: pd.Series) -> str:
    words, places = material.words, material.places
    parts = []
    if len(row["entered"]):
        parts.append(words.say("in: {places}", places=places.names(row["entered"])))
    if len(row["left"]):
        parts.append(words.say("out: {places}", places=places.names(row["left"])))
    return "; ".join(parts) or words.say("no change")


def _why(material: Material, row: pd.Series) -> str:
    figure = input_name(material, str(row["why"]))
    share = known(row["moved_share"])
    if share is None:
        return figure
    change = ("+" if share > 0 else "") + material.words.percent(share)
    return material.words.say(
        "{figure}; what passes {place}: {change}",
        figure=figure,
        place=material.places.name(str(row["moved"])),
        change=change,
    )


def _left_out(material: Material, left_out: str) -> str:
    """Name one publication with its number, several by their numbers, an edition by itself."""
    numbers = {part: material.references.get(part) for part in split_ids(left_out)}
    listed = ", ".join(f"[{number}]" for number in sorted(n for n in numbers.values() if n))
    if len(numbers) > 1 or not listed:
        return listed or left_out
    row = material.fit.sources.loc[left_out]
    return f"{row['publisher']} {row['year']} {listed}"


def _drivers(material: Material) -> tuple[Block, ...]:
    """Tabulate what would reverse neighbours, where the draws can tell."""
    drivers = material.drivers
    if drivers is None or drivers.empty:
        return ()
    words, places = material.words, material.places
    columns = (
        Column(words.say("Ahead, behind")),
        Column(words.say("Probability of the reverse order"), "end", number_format=PERCENT),
        Column(words.say("Input that matters most")),
        Column(words.say("Explains"), "end", number_format=PERCENT),
    )
    rows = tuple(
        (
            Cell(places.names([row["ahead"], row["behind"]])),
            Cell(words.probability(row["reversed_share"]), numbers=(known(row["reversed_share"]),)),
            *_driver(material, row),
        )
        for _, row in drivers.iterrows()
    )
    caption = words.say("Neighbours in the list: how likely the reverse order is, and what decides")
    note = words.say(
        "Explains: the share of the spread of the difference of the two drops that this input "
        "explains by itself. Where it is small, no single input decides."
    )
    if drivers["input"].isna().any():
        chance = words.say(
            "No single input stands out: none explains more than chance alone could."
        )
        note = f"{note} {chance}"
    return (Table(caption, columns, rows, words.say("What decides"), note),)


def _driver(material: Material, row: pd.Series) -> tuple[Cell, Cell]:
    """Name the input that decides and what it explains, or say that none stands out."""
    words = material.words
    if pd.isna(row["input"]):
        return Cell(words.say("no single input stands out")), Cell(_NONE, numbers=(None,))
    share = known(row["share"])
    text = words.say("not known") if share is None else words.percent(share)
    return Cell(input_name(material, str(row["input"]))), Cell(text, numbers=(share,))
