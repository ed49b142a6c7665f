"""The publications that the figures rest on, and where the report itself comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from opiateroutes.reports.chokepoints.references import ASSUMPTION, figures_by_source
from opiateroutes.reports.document import Bullets, Cell, Column, Item, Section, Table

if TYPE_CHECKING:
    from opiateroutes.reports.chokepoints.material import Material
    from opiateroutes.reports.wording import Wording

__all__ = ["provenance_of", "provenance_section", "sources_section"]


def sources_section(material: Material) -> Section:
    """List the publications that the estimate used or that were left out in turn, and no others."""
    words, fit = material.words, material.fit
    used = figures_by_source(fit.residuals)
    items = [
        Item(_reference(words, fit.sources.loc[source], used.get(source, 0)), f"[{number}]")
        for source, number in material.references.items()
    ]
    if ASSUMPTION in used:
        text = words.say(
            "Figures that also rest on an assumption of the authors of the data (such as a range "
            "where none is published): {count}.",
            count=used[ASSUMPTION],
        )
        items.append(Item(text))
    licence = fit.network.meta.get("licence")
    if licence:
        items.append(Item(words.say("Network: {licence}.", licence=licence)))
    return Section(words.say("Sources"), (Bullets(tuple(items)),))


def _reference(words: Wording, row: pd.Series, figures: int) -> str:
    parts = [str(row["title"]), f"{row['publisher']}, {row['year']}"]
    parts += [str(row["url"])] if pd.notna(row["url"]) else []
    notes = [str(row["obtained"])] if pd.notna(row["obtained"]) else []
    notes.append(words.say("figures in this estimate: {count}", count=figures))
    return f"{'. '.join(parts)} ({'; '.join(notes)})"


def provenance_of(material: Material) -> dict[str, Any]:
    """Collect what somebody needs to make the report again."""
    found, certificate = material.found, material.fit.certificate
    return {
        **material.fit.provenance,
        "effort": found.effort,
        "reactions": list(found.reactions),
        "reaction_of_order": material.reaction,
        "closure": found.closure,
        "first": found.top,
        "certificate_gap": certificate.gap,
        "certificate_balance": certificate.balance,
        "language": material.words.language,
    }


def provenance_section(material: Material) -> Section:
    """List version, options, seed and hashes."""
    say = material.words.say
    rows = tuple(
        (Cell(name), Cell(_written(value))) for name, value in provenance_of(material).items()
    )
    table = Table(
        say("Version, options, seed and the hashes of all inputs: the same give the same report"),
        (Column(say("Entry")), Column(say("Value"))),
        rows,
        say("Provenance"),
    )
    return Section(say("Provenance"), (table,))


def _written(value: Any) -> str:
    """Write an entry as text that reads the same in every language."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {_written(held)}" for name, held in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_written, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)
