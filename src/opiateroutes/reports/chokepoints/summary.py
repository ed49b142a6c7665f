"""The summary: what was asked, what was found, and how sure that is, in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.reports.chokepoints.cells import drop_interval, rank_interval, unit_name
from opiateroutes.reports.document import Bullets, Item, Paragraph, Section

if TYPE_CHECKING:
    from opiateroutes.reports.chokepoints.material import Material

__all__ = ["summary_section"]

_NAMED = 3
_MOSTLY = 0.5


def summary_section(material: Material) -> Section:
    """Write the summary."""
    say = material.words.say
    items = [
        *(_place(material, place) for place in material.first[:_NAMED]),
        *_often_first(material),
        *_order(material),
        *_going_round(material),
        *_together(material),
        _still_arrives(material),
        *_basis(material),
    ]
    return Section(
        say("Summary"),
        (Paragraph(_question(material), "key"), Bullets(tuple(items)), Paragraph(_kind(material))),
    )


def _question(material: Material) -> str:
    words = material.words
    return words.say(
        "The question: if, at one place, a further {effort} of what passes were stopped at each "
        "visit, and traffickers went round it (reaction {reaction}, see Method), how much less "
        "would reach consumers? All figures are estimates; intervals are 90% intervals.",
        effort=words.percent(material.found.effort),
        reaction=f"{material.reaction:g}",
    )


def _place(material: Material, place: str) -> Item:
    words, row = material.words, material.rows.loc[place]
    lead = words.say("{name}:", name=material.places.name(place, row["name"]))
    drop = words.percent(row["drop_share"])
    if not material.sampled:
        return Item(words.say("an estimated {drop} less would reach consumers.", drop=drop), lead)
    text = words.say(
        "an estimated {drop} less would reach consumers (interval {interval}). Probability, "
        "under the model, of being among the first {top}: {probability}.",
        drop=drop,
        interval=drop_interval(words, row),
        top=material.found.top,
        probability=words.probability(row["in_top"]),
    )
    return Item(text, lead)


def _often_first(material: Material) -> list[Item]:
    """Name places that the best estimate leaves out, but most draws do not."""
    if not material.sampled:
        return []
    words = material.words
    others = material.rows["in_top"].drop(material.first)
    others = others[others >= _MOSTLY].sort_values(ascending=False, kind="stable")
    if others.empty:
        return []
    named = "; ".join(
        f"{material.places.name(str(place))} ({words.probability(share)})"
        for place, share in others.items()
    )
    text = words.say(
        "By the best estimate not among the first {top}, but more likely than not to belong to "
        "them: {places}.",
        top=material.found.top,
        places=named,
    )
    return [Item(text, words.say("Not to be overlooked."))]


def _order(material: Material) -> list[Item]:
    """Say which of the first places cannot be told apart."""
    words, first = material.words, material.rows.loc[material.first]
    lead = words.say("The order is an estimate.")
    if not material.sampled:
        text = words.say(
            "This estimate was made without draws: it carries no ranks, and places with similar "
            "drops are not told apart."
        )
        return [Item(text, lead)]
    pairs = [
        (a, b)
        for a, b in zip(first.index[:-1], first.index[1:], strict=True)
        if first.at[a, "rank_high"] >= first.at[b, "rank_low"]
    ]
    if not pairs:
        return []
    a, b = pairs[0]
    text = words.say(
        "Of the {count} pairs of neighbours among the first {top}, {close} overlap in rank and are "
        "not told apart, such as {first} (rank {first_rank}) and {second} (rank {second_rank}).",
        count=len(first) - 1,
        top=len(first),
        close=len(pairs),
        first=material.places.name(str(a)),
        first_rank=rank_interval(words, first.loc[a]),
        second=material.places.name(str(b)),
        second_rank=rank_interval(words, first.loc[b]),
    )
    return [Item(text, lead)]


def _going_round(material: Material) -> list[Item]:
    """Say where displacement takes away most of what enforcement seems to do."""
    reactions = material.found.reactions
    low, high = min(reactions), max(reactions)
    if low == high:
        return []
    words = material.words
    before, after = (material.at(k)["drop_share"] for k in (low, high))
    leading = before.nlargest(material.found.top).index
    place = str((before - after).reindex(leading).idxmax())
    text = words.say(
        "At {name} the estimated drop is {before} at reaction {low} and {after} at reaction "
        "{high}. How strongly traffickers react is not known and cannot be read off flows; the "
        "table shows the scan.",
        name=material.places.name(place),
        before=words.percent(before[place]),
        after=words.percent(after[place]),
        low=f"{low:g}",
        high=f"{high:g}",
    )
    if after[place] < 0:
        rise = words.say(
            "A negative drop is a rise: what is displaced would meet less enforcement elsewhere."
        )
        text = f"{text} {rise}"
    return [Item(text, words.say("Going round matters."))]


def _together(material: Material) -> list[Item]:
    """Name the largest of the best sets; that it is the best is said only where it is proved."""
    budgets = [budget for budget, method in material.sets if method == "exact"]
    if not budgets:
        return []
    words, best = material.words, material.sets[max(budgets), "exact"]
    names, drop = material.places.names(best.elements), words.percent(best.drop_share)
    text = words.say("{names}: an estimated {drop} less.", names=names, drop=drop)
    if material.sampled:
        text = words.say(
            "{names}: an estimated {drop} less (interval {interval}).",
            names=names,
            drop=drop,
            interval=drop_interval(words, best),
        )
    proof = (
        words.say("In this model no other set of that size would do more.")
        if best.proved
        else words.say(
            "It is the best that was found, not proved to be the best: no set of that size would "
            "do more than {bound}.",
            bound=words.percent(best.bound_share),
        )
    )
    return [Item(f"{text} {proof}", words.say("Set of {count} places.", count=max(budgets)))]


def _still_arrives(material: Material) -> Item:
    words = material.words
    left = 1.0 - float(material.rows["drop_share"].iloc[0])
    text = words.say(
        "Even with extra enforcement at the first place alone, an estimated {left} of what "
        "reaches consumers would still reach them.",
        left=words.percent(left),
    )
    return Item(text, words.say("What would still arrive."))


def _basis(material: Material) -> list[Item]:
    """Say how many of the first places rest on published figures."""
    leverage = material.fit.nodes["leverage"].reindex(material.first).dropna()
    if leverage.empty:
        return []
    words, evidence = material.words, int((leverage >= _MOSTLY).sum())
    text = words.say(
        "Of the first {top}, the quantity that passes rests mainly on published figures at "
        "{evidence} and mainly on the model at {model}.",
        top=len(leverage),
        evidence=evidence,
        model=len(leverage) - evidence,
    )
    return [Item(text, words.say("What it rests on."))]


def _kind(material: Material) -> str:
    words, fit = material.words, material.fit
    return words.say(
        "Published: production, seizures, consumption and a few flows, each with its source "
        "below. Model: everything between them, that is which routes connect the published "
        "figures, and all effects of enforcement. Supply in this estimate: {supply} (interval "
        "{interval}), in {unit}.",
        supply=words.weight(fit.supply_kg),
        interval=words.interval(words.weight(fit.supply_low_kg), words.weight(fit.supply_high_kg)),
        unit=unit_name(words, fit.unit),
    )
