"""How the figures were made, in one paragraph, and what they cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.reports.document import Bullets, Item, Paragraph, Section

if TYPE_CHECKING:
    from opiateroutes.reports.chokepoints.material import Material

__all__ = ["limits_section", "method_section"]


def method_section(material: Material) -> Section:
    """Write the method."""
    words = material.words
    estimate = words.say(
        "Routes through the network are weighed by what they cost: distance, borders, modes of "
        "transport. The weights are then changed as little as possible so that supply, "
        "consumption, seizures and published flows agree with the estimate within their intervals. "
        "Extra enforcement at a place stops the stated share of what passes, at each visit, beside "
        "what is seized there already. Traffickers are taken to weigh each route anew by the share "
        "that comes through, raised to the reaction: at 0 they change nothing, at 1 they answer in "
        "proportion, at 4 they go round wherever they can. The drop is the change in what ends in "
        "consumption anywhere."
    )
    blocks = (
        Paragraph(f"{estimate} {_closure(material)}"),
        Paragraph(_intervals(material)),
    )
    return Section(words.say("Method"), blocks)


def _closure(material: Material) -> str:
    """Say what is held as it is when enforcement grows."""
    say = material.words.say
    sentences = {
        "dispatch": say("What is dispatched at the origin is held as it is."),
        "orders": say("What each destination orders is held as it is."),
    }
    return sentences[material.found.closure]


def _intervals(material: Material) -> str:
    words = material.words
    if material.found.ensemble is None:
        return words.say(
            "Intervals of quantities are 90% intervals to first order. The estimate was made "
            "without draws; drops have no intervals and places no ranks."
        )
    return words.say(
        "Intervals run from the 5% point to the 95% point of {draws} draws: in each draw all "
        "inputs of the estimate take other values within their intervals, and flows and drops are "
        "worked out anew. The probability of being among the first is the share of draws in which "
        "a place is among them.",
        draws=words.number(material.found.ensemble.draws),
    )


def limits_section(material: Material) -> Section:
    """Write what the report cannot say."""
    say = material.words.say
    items = (
        Item(
            say(
                "Intervals hold the uncertainty of the inputs under this model. That the model "
                "itself may be wrong is not in them."
            ),
            say("Model."),
        ),
        Item(
            say(
                "A seizure shows trafficking and enforcement at once: few seizures may mean "
                "little heroin or little control."
            ),
            say("Seizures."),
        ),
        Item(
            say(
                "How strongly traffickers react is not known; several values are shown. Each holds "
                "for all traffickers and all places, and the answer is that of a new balance, not "
                "of the first months."
            ),
            say("Reaction."),
        ),
        Item(
            say(
                "The share stopped is assumed to be the same everywhere. What it would cost, and "
                "whether it could be done, is not part of this estimate."
            ),
            say("Enforcement."),
        ),
        Item(
            say(
                "More production to replace what is stopped is not modelled, nor are prices, new "
                "suppliers or other drugs."
            ),
            say("Supply."),
        ),
        Item(
            say(
                "Part of what is dispatched is neither seen as consumption nor as a seizure. It "
                "counts as neither delivered nor stopped."
            ),
            say("Unaccounted."),
        ),
        Item(
            say(
                "Lines join places of a network made from public knowledge. They are no "
                "itineraries, and nothing here finds ways to evade control."
            ),
            say("Routes."),
        ),
    )
    return Section(say("Limits"), (Bullets(items),))
