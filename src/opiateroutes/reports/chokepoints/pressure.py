"""Where the pressure goes: who would receive what no longer passes the first places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.reports.chokepoints.cells import (
    KILOGRAMS,
    range_cell,
    range_column,
    unit_name,
)
from opiateroutes.reports.chokepoints.pictures import displacement_figure
from opiateroutes.reports.document import Cell, Column, Paragraph, Section, Table

if TYPE_CHECKING:
    import pandas as pd

    from opiateroutes.reports.chokepoints.material import Material

__all__ = ["pressure_section"]

_RECEIVERS, _NAMED = 8, 3


def pressure_section(material: Material) -> Section:
    """Write a subsection with map and table for each of the first places."""
    words = material.words
    intro = words.say(
        "What is not stopped goes elsewhere. For each of the first places: the change of flows in "
        "the model, and who would receive more. These are the places to warn before enforcement "
        "grows, not a forecast of where traffickers will go. Where the interval of a change "
        "reaches below zero, it is not certain that the place would receive more."
    )
    parts = [
        _place(material, place, number) for number, place in enumerate(material.displacement, 1)
    ]
    return Section(
        words.say("Where the pressure would go"), (Paragraph(intro), *parts), new_page=True
    )


def _place(material: Material, place: str, number: int) -> Section:
    name = material.places.name(place, material.rows.at[place, "name"])
    return Section(
        name,
        (
            Paragraph(_sentence(material, place)),
            displacement_figure(material, place),
            _table(material, place, name, number),
        ),
        new_page=number > 1,
    )


def _sentence(material: Material, place: str) -> str:
    words = material.words
    gains = _gains(material.receivers[place])
    with_intervals = "change_low_kg" in gains
    sure = gains[gains["change_low_kg"] > 0] if with_intervals else gains
    if sure.empty:
        return words.say("No place would receive more with an interval that lies above zero.")
    named = "; ".join(_gain(material, at, row) for at, row in sure.head(_NAMED).iterrows())
    if not with_intervals:
        return words.say(
            "Estimated to receive most in addition, in a year: {places}.", places=named
        )
    text = words.say(
        "Estimated to receive most in addition, in a year, among the places whose interval lies "
        "above zero: {places}.",
        places=named,
    )
    if gains.index[0] == sure.index[0]:
        return text
    unsure = words.say(
        "The largest estimate is not certain to be a rise: {place}.",
        place=_gain(material, gains.index[0], gains.iloc[0]),
    )
    return f"{text} {unsure}"


def _gain(material: Material, place: object, row: pd.Series) -> str:
    return f"{_name(material, str(place), row)} ({material.words.change(row['change_kg'])})"


def _table(material: Material, place: str, name: str, number: int) -> Table:
    words = material.words
    gains = _gains(material.receivers[place]).head(_RECEIVERS)
    headings = (words.say("Before"), words.say("After"), words.say("Change"))
    columns = (
        Column(words.say("Receiving place")),
        *(Column(heading, "end", (f"{heading}, kg",), KILOGRAMS) for heading in headings),
        range_column(words, headings[-1], KILOGRAMS),
    )
    rows = tuple(
        (
            Cell(_name(material, str(at), row)),
            Cell(words.weight(row["before_kg"]), numbers=(float(row["before_kg"]),)),
            Cell(words.weight(row["after_kg"]), numbers=(float(row["after_kg"]),)),
            Cell(words.change(row["change_kg"]), numbers=(float(row["change_kg"]),)),
            range_cell(words, words.change, row.get("change_low_kg"), row.get("change_high_kg")),
        )
        for at, row in gains.iterrows()
    )
    caption = words.say(
        "Who would receive more with extra enforcement at this place: {name}; estimated quantity "
        "that passes in a year, {unit}",
        name=name,
        unit=unit_name(words, material.fit.unit),
    )
    return Table(caption, columns, rows, words.say("Pressure {number}", number=number))


def _gains(receivers: pd.DataFrame) -> pd.DataFrame:
    return receivers[receivers["change_kg"] > 0]


def _name(material: Material, place: str, row: pd.Series) -> str:
    return material.places.name(place, row.get("name"))
