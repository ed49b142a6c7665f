"""Best sets: which places would do most together, and what a simpler choice would miss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.reports.chokepoints.cells import (
    PERCENT,
    known,
    range_cell,
    range_column,
)
from opiateroutes.reports.chokepoints.chosen import METHODS
from opiateroutes.reports.document import Cell, Column, Paragraph, Section, Table

if TYPE_CHECKING:
    from opiateroutes.reports.chokepoints.chosen import ChosenSet
    from opiateroutes.reports.chokepoints.material import Material
    from opiateroutes.reports.document import Block
    from opiateroutes.reports.wording import Wording

__all__ = ["sets_section"]

_PAIRS = 5


def sets_section(material: Material) -> Section:
    """Write the table of sets by budget and method, and that of pairs."""
    words = material.words
    intro = words.say(
        "A budget is a number of places with the same extra enforcement. Exact: at the best "
        "estimates no other set of that size does more in the model. Greedy: one place after the "
        "other, each time the best beside those chosen. Betweenness: the places through which most "
        "passes, the textbook rule, which does not ask where traffickers would go."
    )
    blocks: tuple[Block, ...] = (Paragraph(intro), _sets_table(material), *_pairs(material))
    return Section(words.say("Best sets of places"), blocks)


def _sets_table(material: Material) -> Table:
    words = material.words
    names = {
        "exact": words.say("exact"),
        "greedy": words.say("greedy"),
        "betweenness": words.say("betweenness"),
    }
    rows = tuple(
        (
            Cell(str(budget), numbers=(budget,)),
            Cell(names[method], _proof(words, best) if method == METHODS[0] else ""),
            Cell(material.places.names(best.elements) or words.say("none")),
            Cell(words.percent(best.drop_share), numbers=(float(best.drop_share),)),
            range_cell(words, words.percent, best.drop_low, best.drop_high),
        )
        for (budget, method), best in material.sets.items()
    )
    columns = (
        Column(words.say("Budget"), number_format="0"),
        Column(words.say("Chosen")),
        Column(words.say("Places")),
        Column(words.say("Drop"), "end", number_format=PERCENT),
        range_column(words, words.say("Drop"), PERCENT),
    )
    caption = words.say(
        "Sets of places under a budget: estimated drop in what reaches consumers, {effort} more "
        "stopped at each, reaction {reaction}",
        effort=words.percent(material.found.effort),
        reaction=f"{material.reaction:g}",
    )
    return Table(caption, columns, rows, words.say("Best sets"))


def _proof(words: Wording, best: ChosenSet) -> str:
    if best.proved:
        return ""
    return words.say("no set above {bound}", bound=words.percent(best.bound_share))


def _pairs(material: Material) -> tuple[Block, ...]:
    words = material.words
    gains = material.pairs[material.pairs["interaction_share"] > 0]
    gains = gains.sort_values("interaction_share", ascending=False, kind="stable").head(_PAIRS)
    if gains.empty:
        return (
            Paragraph(
                words.say(
                    "Among the places of the ranked table no pair does more together than the sum "
                    "of each alone."
                )
            ),
        )
    columns = (
        Column(words.say("Pair")),
        *(
            Column(heading, "end", number_format=PERCENT)
            for heading in (
                words.say("Drop together"),
                words.say("Sum of each alone"),
                words.say("Beyond the sum"),
            )
        ),
    )
    shares = ("drop_share", "alone_share", "interaction_share")
    rows = tuple(
        (
            Cell(material.places.names(row["elements"])),
            *(Cell(words.percent(row[name]), numbers=(known(row[name]),)) for name in shares),
        )
        for _, row in gains.iterrows()
    )
    caption = words.say(
        "Pairs that do more together than alone: each closes the way round the other"
    )
    note = words.say("Among the places of the ranked table; best estimates.")
    return (Table(caption, columns, rows, words.say("Pairs"), note),)
