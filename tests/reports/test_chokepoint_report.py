import dataclasses
import io
import re

import openpyxl
import pandas as pd
import pytest
from small_ensembles import all_of_it_arrives, figures, two_routes

import opiateroutes as opr
from opiateroutes.errors import UnknownNameError
from opiateroutes.maps import static
from opiateroutes.maps.static.figure import MapFigure
from opiateroutes.reports import LANGUAGES, chokepoint_report, html, xlsx
from opiateroutes.reports.chokepoints.cells import range_cell
from opiateroutes.reports.chokepoints.chosen import ChosenSet, choose_sets
from opiateroutes.reports.chokepoints.inputs import input_name
from opiateroutes.reports.chokepoints.material import gather
from opiateroutes.reports.chokepoints.pressure import pressure_section
from opiateroutes.reports.chokepoints.ranking import ranking_section
from opiateroutes.reports.chokepoints.references import figures_by_source
from opiateroutes.reports.chokepoints.sets import sets_section
from opiateroutes.reports.chokepoints.sources import sources_section
from opiateroutes.reports.chokepoints.stability import stability_section
from opiateroutes.reports.chokepoints.summary import summary_section
from opiateroutes.reports.document import Bullets, Paragraph, Section, Table
from opiateroutes.reports.wording import wording

OPTIONS = {
    "found": None,
    "effort": 0.5,
    "reactions": (0.0, 1.0, 4.0),
    "best_budgets": (1, 2),
    "top": 5,
    "language": "en",
}


@pytest.fixture(scope="module")
def ensemble():
    evidence = opr.load_evidence(2010)
    return opr.sample_flows(opr.load_network(), evidence, draws=48, points="independent")


@pytest.fixture(scope="module")
def material(ensemble):
    return gather(ensemble, **OPTIONS)


@pytest.fixture
def no_flips(monkeypatch, material):
    """Leave-one-out estimates take most of the time and do not matter here."""
    monkeypatch.setattr(
        "opiateroutes.reports.chokepoints.material.rank_flips",
        lambda *_, by, **__: material.flips[by],
    )


@pytest.fixture
def plain(ensemble, no_flips):  # noqa: ARG001 - for what it does
    """The same, of an estimate without draws."""
    return gather(ensemble.fit, **OPTIONS)


@pytest.fixture
def no_maps(monkeypatch):
    """Blank sheets in place of maps, which have tests of their own."""
    for name in ("plot_flows", "plot_displacement"):
        monkeypatch.setattr(static, name, lambda *_, **__: MapFigure(figsize=(1, 1)))


def text_of(*blocks):
    """All text of paragraphs and lists."""
    found = []
    for block in blocks:
        if isinstance(block, Paragraph):
            found.append(block.text)
        elif isinstance(block, Bullets):
            found += [f"{item.lead} {item.text}" for item in block.items]
        elif isinstance(block, Section):
            found.append(text_of(*block.blocks))
    return "\n".join(found)


def tables_of(section):
    return [block for block in section.blocks if isinstance(block, Table)]


def column_of(table, heading):
    at = [column.heading for column in table.columns].index(heading)
    return [row[at] for row in table.rows]


# The summary


def test_summary_names_the_first_with_intervals_and_probability(material):
    words, text = material.words, text_of(summary_section(material))
    for place in material.first[:3]:
        row = material.rows.loc[place]
        ends = f"{words.percent(row['drop_low'])} to {words.percent(row['drop_high'])}"
        sure = words.probability(row["in_top"])
        assert (
            f"{material.places.name(place)}: an estimated {words.percent(row['drop_share'])} less "
            f"would reach consumers (interval {ends}). Probability, under the model, of being "
            f"among the first 5: {sure}."
        ) in text


def test_summary_never_overstates(material, plain):
    for made in (material, plain):
        text = text_of(summary_section(made))
        assert not re.search(r"\b(will|proves?|certain|surely|must|always|never)\b", text)
        assert "estimate" in text
        for line in text.splitlines():
            if "reach consumers" in line:
                assert "would" in line, line


def test_place_that_draws_favour_is_not_passed_over(material):
    place = str(material.rows.index[7])
    rows = material.rows.assign(in_top=0.1)
    rows.loc[place, "in_top"] = 0.7
    text = text_of(summary_section(dataclasses.replace(material, rows=rows)))
    assert f"more likely than not to belong to them: {material.places.name(place)} (70%)" in text
    rows.loc[place, "in_top"] = 0.4
    text = text_of(summary_section(dataclasses.replace(material, rows=rows)))
    assert "more likely than not" not in text


def test_order_that_is_sure_is_not_called_in_doubt(material):
    drivers = material.drivers.assign(reversed_share=0.05)
    text = text_of(summary_section(dataclasses.replace(material, drivers=drivers)))
    assert "The order is an estimate" not in text
    # The last pair is that of the fifth and the sixth, who is not among the first.
    drivers["reversed_share"] = [0.05, 0.4, 0.05, 0.05, 0.6]
    text = text_of(summary_section(dataclasses.replace(material, drivers=drivers)))
    second, third = (material.places.name(p) for p in material.first[1:3])
    assert "among the first 5 that may well stand the other way round: 1 of 4;" in text
    assert f"the probability of that: {second}, {third} (40%)." in text


def test_order_by_intervals_of_ranks_where_draws_cannot_tell(material):
    rank = material.rows["rank"]
    rows = material.rows.assign(rank_low=rank, rank_high=rank)
    made = dataclasses.replace(material, rows=rows, drivers=None)
    assert "The order is an estimate" not in text_of(summary_section(made))
    rows.iloc[2, rows.columns.get_loc("rank_high")] = 4
    text = text_of(summary_section(made))
    third, fourth = (material.places.name(str(p)) for p in rows.index[2:4])
    assert "with intervals of rank that overlap: 1 of 4, such as" in text
    assert f"such as {third} (rank 3 to 4) and {fourth} (rank 4)." in text


def test_rise_at_strong_reaction_is_explained(material):
    text = text_of(summary_section(material))
    # Iran in 2010: a large drop if nobody goes round it, a rise if all do.
    assert re.search(
        r"Iran \(Islamic Republic of\) the estimated drop is 15% \(interval [^()]*\) at reaction 0 "
        r"and −8.8% \(interval −[^()]*\) at reaction 4",
        text,
    )
    assert "A negative drop is a rise" in text


def test_best_set_is_the_best_only_where_that_is_proved(material):
    best = ChosenSet(("PAK", "IRN"), 0.31, 0.2, 0.4, bound_share=0.31, proved=True)
    proved = dataclasses.replace(material, sets={(2, "exact"): best})
    text = text_of(summary_section(proved))
    assert (
        "31% less would reach consumers (interval 20% to 40%). At the best estimates of this "
        in text
    )
    assert column_of(tables_of(sets_section(proved))[0], "Chosen")[0].detail == ""
    best = dataclasses.replace(best, proved=False, bound_share=0.35)
    found = dataclasses.replace(material, sets={(2, "exact"): best})
    text = text_of(summary_section(found))
    assert "not proved to be the best: no set of that size would do more than 35%" in text
    assert "no other set" not in text
    assert column_of(tables_of(sets_section(found))[0], "Chosen")[0].detail == "no set above 35%"


def test_what_would_arrive_has_an_interval(material, plain):
    words, row = material.words, material.rows.iloc[0]
    ends = (words.percent(1 - row[name]) for name in ("drop_high", "drop_low"))
    left, name = words.percent(1 - row["drop_share"]), material.places.name(material.first[0])
    assert (
        f"at the first place alone, {name}, an estimated {left} (interval {' to '.join(ends)}) of "
        "what reaches consumers"
    ) in text_of(summary_section(material))
    assert "(interval" not in text_of(summary_section(plain)).partition("Published:")[0]


def test_supply_names_its_source(material):
    number = material.references["unodc_northern_2012"]
    assert f"in heroin equivalent; source [{number}]." in text_of(summary_section(material))


def test_no_sets_no_sentence(material):
    text = text_of(summary_section(dataclasses.replace(material, sets={})))
    assert "together" not in text


# Ranks


def test_ranked_table_holds_the_figures_of_the_search(material):
    table = tables_of(ranking_section(material))[0]
    assert len(table.rows) == 15
    for k in material.found.reactions:
        rows = material.at(k).loc[material.rows.index[:15]]
        numbers = [cell.numbers for cell in column_of(table, f"Drop, reaction {k:g}")]
        expected = rows[["drop_share", "drop_low", "drop_high"]].to_numpy().tolist()
        assert numbers == [tuple(row) for row in expected]
    ranks = [cell.numbers for cell in column_of(table, "Rank")]
    assert [rank for rank, _, _ in ranks] == list(range(1, 16))
    assert all(low <= rank <= high or low == high for rank, low, high in ranks)
    in_top = material.rows["in_top"].head(15).tolist()
    assert [c.numbers for c in column_of(table, "Probability of first 5")] == [(p,) for p in in_top]
    passes = column_of(table, "Passes")[0].numbers
    first = material.fit.nodes.loc[material.first[0]]
    names = ("throughput_kg", "throughput_low_kg", "throughput_high_kg")
    assert passes == tuple(first[name] for name in names)


def test_no_rank_is_printed_without_its_stability(plain):
    section = ranking_section(plain)
    headings = [column.heading for column in tables_of(section)[0].columns]
    assert headings == ["Place", "Passes", *(f"Drop, reaction {k}" for k in "014"), "From data"]
    assert all(not c.detail for c in column_of(tables_of(section)[0], "Drop, reaction 0"))
    assert "No ranks and no intervals of drops" in tables_of(section)[0].note
    text = text_of(summary_section(plain))
    assert "it carries no ranks" in text
    assert "rank 1" not in text
    assert "Probability" not in text


@pytest.mark.usefixtures("no_flips")
def test_groups_have_no_throughput_of_their_own(ensemble):
    found = opr.find_chokepoints(ensemble.fit, elements="groups", reaction=(0.0, 1.0))
    made = gather(ensemble.fit, **{**OPTIONS, "found": found, "best_budgets": (1,)})
    headings = [column.heading for column in tables_of(ranking_section(made))[0].columns]
    assert headings == ["Place", "Drop, reaction 0", "Drop, reaction 1"]


# What would change the order


def test_what_is_left_out_is_named_with_its_number(material):
    section = stability_section(material)
    by_source, by_edition, decides = tables_of(section)
    numbers = material.references
    row = material.flips["source"].index.get_loc("unodc_portal_2021")
    assert by_source.rows[row][0].text == f"UNODC 2021 [{numbers['unodc_portal_2021']}]"
    # The editions of 2021 and 2025 hold what one row of the sources holds.
    assert {row[0].text for row in by_edition.rows} == {"2012"}
    assert by_edition.note.endswith("are not repeated: 2021, 2025.")
    together = next(row for row in by_source.rows if row[0].text.startswith("["))
    assert len(together[0].text.split(", ")) == 4
    figures = [cell.numbers[0] for cell in column_of(by_source, "Figures")]
    # Only what is in the estimate, as in the list of sources: its figures without that of supply.
    assert sum(figures) == len(material.fit.residuals) - 1
    assert figures[row] == figures_by_source(material.fit.residuals)["unodc_portal_2021"]
    assert len(decides.rows) == material.found.top


def test_exchange_says_who_comes_and_who_goes(material):
    flips = material.flips["source"].head(2).copy()
    flips["entered"], flips["left"] = [("IRN",), ()], [("KAZ", "TJK"), ()]
    flips["why"], flips["moved"] = "flow:afg_tjk_2010", "TJK"
    flips["moved_share"] = [-0.41, float("nan")]
    made = dataclasses.replace(material, flips={**material.flips, "source": flips})
    table = tables_of(stability_section(made))[0]
    assert [cell.text for cell in column_of(table, "In, out")] == [
        "in: Iran (Islamic Republic of); out: Kazakhstan, Tajikistan",
        "no change",
    ]
    flow = "published flow: Afghanistan – Tajikistan"
    assert [cell.text for cell in column_of(table, "Why")] == [
        f"{flow}; what passes Tajikistan: −41%",
        flow,
    ]


def test_editions_that_all_repeat_the_sources_are_one_sentence(material):
    flips = {
        **material.flips,
        "edition": material.flips["source"].head(1).rename(index=lambda _: "1"),
    }
    section = stability_section(dataclasses.replace(material, flips=flips))
    assert len(tables_of(section)) == 2
    assert "are not repeated: 1." in text_of(section)


def test_input_that_chance_could_explain_is_not_named(material):
    drivers = material.drivers.copy()
    drivers["input"] = pd.Series("cost:air", index=drivers.index, dtype="object")
    drivers["share"] = 0.2
    for missing in (None, float("nan"), pd.NA):
        drivers.loc[drivers.index[0], ["input", "share"]] = [missing, float("nan")]
        made = dataclasses.replace(material, drivers=drivers)
        table = tables_of(stability_section(made))[-1]
        inputs, shares = (
            column_of(table, name) for name in ("Input that matters most", "Explains")
        )
        assert inputs[0].text == "no single input stands out"
        assert (shares[0].text, shares[0].numbers) == ("–", (None,))
        assert "nan" not in " ".join(cell.text for row in table.rows for cell in row).lower()
        assert "none explains more than chance alone could" in table.note
        assert (inputs[1].text, shares[1].text) == ("assumed cost of air transport", "20%")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("seizure:IRN", "seizures: Iran (Islamic Republic of)"),
        ("cost:air", "assumed cost of air transport"),
        ("cost:weather", "weather"),
        ("leg:AFG>TJK:land", "unknown cost of a connection: Afghanistan – Tajikistan"),
        ("leg:A>B", "unknown cost of a connection: A>B"),
        ("cause:of them use heroin: PAK", "share of users who use heroin: Pakistan"),
        ("cause:heroin a user", "heroin used by one user"),
        ("consumption_weight", "assumed weight of consumption"),
        (
            "flow:afg_central_asia_2010",
            "published flow: Afghanistan – Tajikistan, Turkmenistan, Uzbekistan",
        ),
    ],
)
def test_inputs_have_names(material, name, text):
    assert input_name(material, name) == text


def test_draws_that_cannot_tell_what_decides(plain):
    assert plain.drivers is None
    assert len(tables_of(stability_section(plain))) == 2


# Where the pressure goes


@pytest.mark.usefixtures("no_maps")
def test_receivers_are_those_of_the_search(material):
    section = pressure_section(material)
    parts = [block for block in section.blocks if isinstance(block, Section)]
    assert [part.title for part in parts] == material.places.names(material.first[:3]).split(", ")
    table = tables_of(parts[0])[0]
    rows = material.receivers[material.first[0]].head(8)
    assert [c.numbers[0] for c in column_of(table, "Change")] == rows["change_kg"].tolist()
    ends = rows[["change_low_kg", "change_high_kg"]].to_numpy().tolist()
    assert [list(c.numbers) for c in column_of(table, "90% interval")] == ends


@pytest.mark.usefixtures("no_maps")
def test_gain_that_may_be_none_is_not_said_in_a_sentence(material):
    place = material.first[0]
    moved = material.receivers[place].copy()
    moved["change_low_kg"] = -1.0
    made = dataclasses.replace(material, receivers={**material.receivers, place: moved})
    said = text_of(pressure_section(made).blocks[1])
    assert said == "No place would receive more with an interval that lies above zero."
    moved.loc[moved.index[1], "change_low_kg"] = 1.0
    said = text_of(pressure_section(made).blocks[1])
    name = material.places.name(str(moved.index[1]))
    assert said.startswith(
        "Estimated to receive most in addition, in a year, among the places whose interval lies "
        f"above zero: {name} (+"
    )
    first = material.places.name(str(moved.index[0]))
    assert f"The largest estimate is not certain to be a rise: {first} (+" in said


def test_interval_that_is_missing():
    words = wording()
    assert range_cell(words, words.percent, pd.NA, 0.5).text == "not known"


# Sets


def test_intervals_of_a_set_are_those_of_its_best_estimate(material):
    for chosen in material.sets.values():
        assert chosen.drop_low < chosen.drop_share < chosen.drop_high
        again = opr.find_chokepoints(
            material.found.ensemble,
            reaction=material.reaction,
            elements={"together": chosen.elements},
        )
        row = again.table.iloc[0]
        assert row["drop_share"] == pytest.approx(chosen.drop_share, abs=1e-9)
        assert (row["drop_low"], row["drop_high"]) == (chosen.drop_low, chosen.drop_high)


def test_set_that_is_empty_does_nothing(material):
    chosen = choose_sets(material.found.ensemble, (0,), effort=0.5, reaction=1.0, elements="nodes")
    assert {made.elements for made in chosen.values()} == {()}
    table = tables_of(sets_section(dataclasses.replace(material, sets=chosen)))[0]
    assert [cell.text for cell in column_of(table, "Places")] == ["none"] * 3


def test_pairs_are_those_that_do_more_together(material):
    table = tables_of(sets_section(material))[1]
    beyond = [cell.numbers[0] for cell in column_of(table, "Beyond the sum")]
    assert beyond == sorted(beyond, reverse=True)
    assert 0 < len(beyond) <= 5
    assert beyond[0] == material.pairs["interaction_share"].max()


def test_no_pair_does_more_together(material):
    pairs = material.pairs.assign(interaction_share=-0.01)
    section = sets_section(dataclasses.replace(material, pairs=pairs))
    assert len(tables_of(section)) == 1
    assert "no pair does more together" in text_of(section)


# Sources


def test_only_publications_that_count_are_listed(material):
    leads = [item.lead for item in sources_section(material).blocks[0].items]
    used = {part.strip() for ids in material.fit.residuals["source"] for part in ids.split(";")}
    left_out = {p.strip() for ids in material.flips["source"].index for p in ids.split(";")}
    assert set(material.references) == (used | left_out) - {"assumption"}
    assert leads[: len(material.references)] == [
        f"[{k}]" for k in range(1, len(material.references) + 1)
    ]
    text = text_of(sources_section(material))
    portal = (material.fit.residuals["source"].str.contains("unodc_portal_2021")).sum()
    assert f"(public mirror of the portal extract; figures in this estimate: {portal})" in text


# The whole


@pytest.mark.usefixtures("no_maps", "no_flips")
def test_both_languages_have_the_same_parts(ensemble, material):
    made = {
        name: chokepoint_report(ensemble, found=material.found, best_budgets=(1,), language=name)
        for name in LANGUAGES
    }
    shapes = {
        name: [[type(block).__name__ for block in s.blocks] for s in report.sections]
        for name, report in made.items()
    }
    assert shapes["fr"] == shapes["en"]
    english, french = (list(made[name].tables()) for name in ("en", "fr"))
    # Numbers are the same; words are not.
    for here, there in zip(english, french, strict=True):
        assert [[c.numbers for c in row] for row in here.rows] == [
            [c.numbers for c in row] for row in there.rows
        ]
        assert here.caption != there.caption
    assert made["fr"].title == "Points de passage obligés des routes des opiacés afghans, 2010"
    assert made["fr"].sections[0].title == "Résumé"
    for report in made.values():
        sheets = [table.sheet for table in report.tables()]
        assert len(set(sheets)) == len(sheets)
        assert all(len(s) <= 31 and not re.search(r"[\[\]:*?/\\]", s) for s in sheets)


@pytest.mark.usefixtures("no_maps")
def test_own_network_with_hostile_names_and_no_sources():
    name = '=cmd|" /C calc"!A0<script>1</script>'
    net = two_routes()
    net = opr.RouteNetwork.from_tables(
        net.nodes.drop(columns="geometry").assign(name=[name] * len(net.nodes)),
        net.legs.drop(columns="geometry"),
    )
    fit = opr.estimate_flows(net, all_of_it_arrives())
    report = chokepoint_report(fit, best_budgets=(1,), language="fr")
    assert report.title.endswith("année non précisée")
    page = html.page_of(report)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    book = openpyxl.load_workbook(io.BytesIO(xlsx.render(report)))
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)
    assert "aucun chiffre n’en indique" in page


@pytest.mark.usefixtures("no_flips")
def test_given_chokepoints_set_effort_and_reaction(ensemble):
    found = opr.find_chokepoints(ensemble.fit, effort=0.3, reaction=2.0, top=3)
    made = gather(ensemble.fit, **{**OPTIONS, "found": found, "best_budgets": ()})
    assert (made.reaction, len(made.first)) == (2.0, 3)
    text = text_of(summary_section(made))
    assert "a further 30% of what passes" in text
    assert "(reaction 2, see Method)" in text
    assert "Going round matters" not in text  # one reaction compares nothing


def test_what_cannot_be_reported(ensemble):
    with pytest.raises(UnknownNameError, match="no report in language 'de'"):
        chokepoint_report(ensemble, language="de")
    legs = opr.find_chokepoints(ensemble.fit, elements="legs")
    with pytest.raises(ValueError, match=r"of kind 'leg'.*elements='nodes'"):
        chokepoint_report(ensemble.fit, found=legs)
    demand = opr.find_chokepoints(ensemble.fit, closure="demand")
    with pytest.raises(ValueError, match="closure='dispatch' or 'orders'"):
        chokepoint_report(ensemble.fit, found=demand)
    nothing = opr.estimate_flows(two_routes(), opr.Evidence.from_tables(supply=figures(s=0.0)))
    with pytest.raises(ValueError, match="nothing moves"):
        chokepoint_report(nothing)


@pytest.mark.usefixtures("no_maps", "no_flips")
def test_provenance_is_complete_and_the_report_repeats(ensemble, material):
    made = [chokepoint_report(ensemble, found=material.found, best_budgets=(1,)) for _ in range(2)]
    assert html.render(made[0]) == html.render(made[1])
    entries = dict(made[0].provenance)
    assert entries["draws"] == 48
    assert entries["seed"] == 0
    assert entries["closure"] == "dispatch"
    table = list(made[0].tables())[-1]
    assert [row[0].text for row in table.rows] == list(entries)
    values = {row[0].text: row[1].text for row in table.rows}
    assert values["reactions"] == "0, 1, 4"
    assert f"nodes {entries['inputs_sha256']['nodes']}; legs " in values["inputs_sha256"]
