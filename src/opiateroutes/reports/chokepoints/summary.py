"""The summary: what was asked, what was found, and how sure that is, in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.reports.chokepoints.cells import drop_interval, rank_interval, unit_name
from opiateroutes.reports.document import Bullets, Item, Paragraph, Section

if TYPE_CHECKING:
    import pandas as pd

    from opiateroutes.reports.chokepoints.material import Material

__all__ = ["summary_section"]

_NAMED = 3
_MOSTLY, _OPEN = 0.5, 0.1


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
    if material.drivers is not None:
        return _open_order(material, lead)
    pairs = [
        (a, b)
        for a, b in zip(first.index[:-1], first.index[1:], strict=True)
        if first.at[a, "rank_high"] >= first.at[b, "rank_low"]
    ]
    if not pairs:
        return []
    a, b = pairs[0]
    text = words.say(
        "Pairs of neighbours among the first {top} with intervals of rank that overlap: {close} of "
        "{count}, such as {first} (rank {first_rank}) and {second} (rank {second_rank}).",
        count=len(first) - 1,
        top=len(first),
        close=len(pairs),
        first=material.places.name(str(a)),
        first_rank=rank_interval(words, first.loc[a]),
        second=material.places.name(str(b)),
        second_rank=rank_interval(words, first.loc[b]),
    )
    return [Item(text, lead)]


def _open_order(material: Material, lead: str) -> list[Item]:
    """Name neighbours among the first that may well stand the other way round."""
    words, drivers = material.words, material.drivers
    if drivers is None:
        return []
    inside = drivers[drivers["behind"].isin(material.first)]
    likely = inside[inside["reversed_share"] >= _OPEN]
    if likely.empty:
        return []
    named = "; ".join(
        f"{material.places.names([pair.ahead, pair.behind])} "
        f"({words.probability(pair.reversed_share)})"
        for pair in likely.itertuples()
    )
    text = words.say(
        "Pairs of neighbours among the first {top} that may well stand the other way round: "
        "{close} of {count}; in brackets the probability of that: {pairs}.",
        count=len(inside),
        top=len(material.first),
        close=len(likely),
        pairs=named,
    )
    return [Item(text, lead)]


def _going_round(material: Material) -> list[Item]:
    """Say where displacement takes away most of what enforcement seems to do."""
    reactions = material.found.reactions
    low, high = min(reactions), max(reactions)
    if low == high:
        return []
    words = material.words
    tables = [material.at(k) for k in (low, high)]
    before, after = (table["drop_share"] for table in tables)
    leading = before.nlargest(material.found.top).index
    place = str((before - after).reindex(leading).idxmax())
    drops = [_drop(material, table.loc[place]) for table in tables]
    text = words.say(
        "At {name} the estimated drop is {before} at reaction {low} and {after} at reaction "
        "{high}. How strongly traffickers react is not known and cannot be read off flows; the "
        "ranked table shows several reactions.",
        name=material.places.name(place),
        before=drops[0],
        after=drops[1],
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
    text = words.say(
        "{names}: an estimated {drop} less would reach consumers.", names=names, drop=drop
    )
    if material.sampled:
        text = words.say(
            "{names}: an estimated {drop} less would reach consumers (interval {interval}).",
            names=names,
            drop=drop,
            interval=drop_interval(words, best),
        )
    proof = (
        words.say("At the best estimates of this model no other set of that size would do more.")
        if best.proved
        else words.say(
            "It is the best that was found, not proved to be the best: no set of that size would "
            "do more than {bound}.",
            bound=words.percent(best.bound_share),
        )
    )
    return [Item(f"{text} {proof}", words.say("Set of {count} places.", count=max(budgets)))]


def _still_arrives(material: Material) -> Item:
    words, row = material.words, material.rows.iloc[0]
    left = words.percent(1.0 - float(row["drop_share"]))
    if material.sampled:
        left = words.say(
            "{share} (interval {interval})",
            share=left,
            interval=words.interval(
                words.percent(1.0 - row["drop_high"]), words.percent(1.0 - row["drop_low"])
            ),
        )
    text = words.say(
        "With extra enforcement at the first place alone, {name}, an estimated {left} of what "
        "reaches consumers would still reach them.",
        name=material.places.name(str(material.rows.index[0]), row["name"]),
        left=left,
    )
    return Item(text, words.say("What would still arrive."))


def _basis(material: Material) -> list[Item]:
    """Say how many of the first places rest on published figures."""
    leverage = material.fit.nodes["leverage"].reindex(material.first).dropna()
    if leverage.empty:
        return []
    words, evidence = material.words, int((leverage >= _MOSTLY).sum())
    text = words.say(
        "Places among the first {top} where the quantity that passes rests mainly on published "
        "figures: {evidence}; mainly on the model: {model}. All drops rest on the model.",
        top=len(leverage),
        evidence=evidence,
        model=len(leverage) - evidence,
    )
    return [Item(text, words.say("What it rests on."))]


def _kind(material: Material) -> str:
    words, fit = material.words, material.fit
    numbers = material.numbers_of("supply")
    named = words.say("; source {numbers}", numbers=numbers) if numbers else ""
    return words.say(
        "Published: production, seizures, consumption or the prevalence of use, and a few flows, "
        "each with its source below; consumption worked out from prevalence also rests on "
        "assumptions. Model: everything between them, that is which routes connect the published "
        "figures, and all effects of enforcement. Supply in this estimate: {supply} a year "
        "(interval {interval}), in {unit}{named}.",
        supply=words.weight(fit.supply_kg),
        interval=words.interval(words.weight(fit.supply_low_kg), words.weight(fit.supply_high_kg)),
        unit=unit_name(words, fit.unit),
        named=named,
    )


def _drop(material: Material, row: pd.Series) -> str:
    """Write a drop, with its interval where there are draws."""
    words, drop = material.words, material.words.percent(row["drop_share"])
    if not material.sampled:
        return drop
    return words.say(
        "{share} (interval {interval})", share=drop, interval=drop_interval(words, row)
    )
