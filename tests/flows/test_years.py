"""Several years: tidy tables, years that are missing, draws in pairs, and classes of changes."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from instances import random_case

import opiateroutes as opr
from opiateroutes.errors import ConflictingEvidenceError, OutputError, UnknownNameError
from opiateroutes.flows.years.change_table import changes_between
from opiateroutes.flows.years.changes import CLASSES
from opiateroutes.flows.years.paired_draws import PairedDraws

NET, EVIDENCE = random_case(3)


def scaled(factor, *, supply_sd=None, **tables):
    """The evidence of the network with all figures larger, as of another year."""
    figures = {
        name: getattr(EVIDENCE, name).assign(
            **{c: getattr(EVIDENCE, name)[c] * factor for c in ("best_kg", "sd_kg")}
        )
        for name in ("supply", "demand", "seizures", "flows")
    }
    if supply_sd is not None:
        figures["supply"]["sd_kg"] = supply_sd
    return opr.Evidence.from_tables(**(figures | tables), priors=EVIDENCE.priors)


BY_YEAR = {2001: EVIDENCE, 2002: scaled(1.3), 2004: scaled(0.4)}


@pytest.fixture(scope="module")
def years():
    return opr.estimate_years(NET, BY_YEAR, evidence=BY_YEAR)


@pytest.fixture(scope="module")
def drawn():
    return opr.estimate_years(NET, [2001, 2002], evidence=BY_YEAR, draws=64, rng=5)


def test_each_year_is_the_estimate_of_that_year(years):
    assert years.years == [2001, 2002, 2004]
    for year, fit in years.fits.items():
        alone = opr.estimate_flows(NET, BY_YEAR[year])
        pd.testing.assert_frame_equal(fit.legs, alone.legs)
        of_year = years.legs[years.legs["year"] == year].set_index("leg")
        pd.testing.assert_frame_equal(of_year.drop(columns="year"), alone.legs)
        assert years.supply.at[year, "supply_kg"] == alone.supply_kg
    assert years.legs.columns[:10].tolist() == [
        "year", "leg", "from_node", "to_node", "mode", "flow_kg", "low_kg", "high_kg", "net_kg",
        "leverage",
    ]  # fmt: skip
    assert len(years.nodes) == 3 * len(NET.nodes)
    assert years.nodes.columns[:2].tolist() == ["year", "node"]
    assert years.network is NET
    assert years.unit == "kg heroin equivalent"


def test_years_come_in_order_and_options_reach_the_estimate():
    fits = opr.estimate_years(
        NET, [2004, 2001], evidence=BY_YEAR.__getitem__, structural_sd=0.1, progress=False
    ).fits
    assert list(fits) == [2001, 2004]
    assert {fit.provenance["structural_sd"] for fit in fits.values()} == {0.1}


def test_missing_years_are_listed_with_their_reason(years):
    clash = pd.DataFrame({"node": [NET.nodes.index[-1]], "best_kg": [1e6], "sd_kg": [0.0]})
    evidence = BY_YEAR | {2003: scaled(1.0, demand=clash)}
    found = opr.estimate_years(NET, range(2000, 2005), evidence=evidence)
    assert found.years == years.years
    assert found.skipped.index.tolist() == [2000, 2003]
    assert "no evidence for 2000 in the mapping" in found.skipped.at[2000, "reason"]
    assert "cannot hold" in found.skipped.at[2003, "reason"]
    assert "skipped 2000: no evidence" in found.summary()
    assert found.summary().splitlines()[-1].endswith("give some of them an interval")
    assert repr(found) == "<FlowYears 2001 to 2004: 3 estimated, 2 skipped>"
    assert found.provenance["skipped"]["2000"] == found.skipped.at[2000, "reason"]
    with pytest.raises(UnknownNameError, match="2003 was skipped: demand and seizures"):
        found.changes(2001, 2003)
    with pytest.raises(UnknownNameError, match="1999 was not estimated; there are 2001"):
        found.changes(1999, 2001)
    with pytest.raises(ConflictingEvidenceError):
        opr.estimate_years(NET, [2003], evidence=evidence)


def test_years_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="one or more"):
        opr.estimate_years(NET, [], evidence=BY_YEAR)
    with pytest.raises(ValueError, match="none of them twice"):
        opr.estimate_years(NET, [2001, 2001], evidence=BY_YEAR)
    for draws in (1, 2.5, True):
        with pytest.raises(ValueError, match="draws must be a whole number"):
            opr.estimate_years(NET, [2001], evidence=BY_YEAR, draws=draws)
    with pytest.raises(TypeError):
        opr.estimate_years(NET, [2001], evidence=BY_YEAR, no_such_option=1)


def test_what_is_shared_cancels_to_the_last_digit():
    # All error of the figures has a cause that is the same in both years; supply is exact.
    tables = {"seizures": None, "flows": None}
    cause = [(row, "survey", 9.9) for row in EVIDENCE.demand.index]
    shared = pd.DataFrame(cause, columns=["row", "cause", "relative_sd"])
    two = {
        year: scaled(factor, supply_sd=0.0, **tables, shared=shared)
        for year, factor in ((2001, 1.0), (2002, 2.0))
    }
    changes = opr.estimate_years(NET, two, evidence=two, draws=16).changes(2001, 2002)
    moving = changes.table[changes.table["base_kg"] > 0]
    assert len(moving)
    np.testing.assert_allclose(moving[["ratio", "ratio_low", "ratio_high"]], 2.0, rtol=1e-4)
    assert changes.counts["rises"] == len(moving)


def test_pairs_are_narrower_than_what_does_not_cancel(years, drawn):
    paired, apart = (one.changes(2001, 2002) for one in (drawn, years))
    pd.testing.assert_series_equal(paired.table["ratio"], apart.table["ratio"])
    width = [np.log(c.table["ratio_high"] / c.table["ratio_low"]) for c in (paired, apart)]
    assert (width[0] / width[1]).median() < 0.7
    assert paired.pairs == 64 - (drawn.fits[2001].attempts != drawn.fits[2002].attempts).sum()
    assert "cancel" in paired.intervals
    assert "too wide" in apart.intervals
    assert paired.intervals in paired.summary()
    assert apart.rule in apart.summary()


def test_draws_of_a_year_do_not_depend_on_other_years_or_workers(drawn):
    with ThreadPoolExecutor(2) as executor:
        alone = opr.estimate_years(
            NET, [2002], evidence=BY_YEAR, draws=64, rng=5, executor=executor
        )
    np.testing.assert_array_equal(alone.fits[2002].arcs_kg, drawn.fits[2002].arcs_kg)
    fewer = opr.estimate_years(NET, [2002], evidence=BY_YEAR, draws=7, rng=5).fits[2002]
    np.testing.assert_array_equal(fewer.arcs_kg, drawn.fits[2002].arcs_kg[:7])
    assert fewer.certificate.gap <= 1e-10


def test_a_generator_gives_all_years_one_seed():
    rng = np.random.default_rng(1)
    found = opr.estimate_years(NET, [2001, 2002], evidence=BY_YEAR, draws=2, rng=rng)
    one, other = (found.fits[year].plan for year in (2001, 2002))
    assert one.seed == other.seed
    leg = one.inputs.names.index(next(n for n in one.inputs.names if n.startswith("leg:")))
    np.testing.assert_array_equal(one.numbers(0)[leg], other.numbers(0)[leg])
    assert not np.isin(one.numbers(0)[0], other.numbers(0)[0]).any()
    np.testing.assert_array_equal(one.again(3, 1)[leg], other.again(3, 1)[leg])
    assert one.again(3, 1)[leg] not in (one.again(3, 2)[leg], one.numbers(0)[leg, 3])


def test_numbers_do_not_depend_on_the_width_of_a_chunk(drawn, monkeypatch):
    plan = drawn.fits[2001].plan
    whole = plan.numbers(0)
    assert whole.shape == (len(plan.inputs), 256)
    assert not np.isin(plan.numbers(256), whole).any()
    monkeypatch.setattr(PairedDraws, "width", 64)
    np.testing.assert_array_equal(plan.numbers(128), whole[:, 128:192])


def test_supplies_share_the_causes_that_evidence_names():
    relative = 0.2
    supply = EVIDENCE.supply.iloc[:1].assign(sd_kg=0.4 * EVIDENCE.supply["best_kg"].iloc[0])
    shared = pd.DataFrame({"row": supply.index, "cause": "ratio", "relative_sd": relative})
    evidence = scaled(1.0, supply=supply, shared=shared)
    two = {2001: evidence, 2002: evidence}
    found = opr.estimate_years(NET, two, evidence=two, draws=2)
    one, other = (
        np.concatenate([found.fits[y].plan.numbers(s)[0] for s in range(0, 256 * 40, 256)])
        for y in two
    )
    expected = np.log1p(relative**2) / np.log1p(0.4**2)
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(expected, abs=0.03)
    assert one.std() == pytest.approx(1.0, abs=0.03)


def test_draws_without_a_partner_are_left_out(drawn):
    base, other = drawn.fits.values()
    attempts = base.attempts.copy()
    attempts[:10] += 1
    fewer = changes_between(replace(base, attempts=attempts), other, years=(1, 2))
    assert fewer.pairs == drawn.changes(2001, 2002).pairs - 10
    with pytest.raises(ValueError, match="only 0 draws"):
        changes_between(replace(base, attempts=other.attempts + 1), other, years=(1, 2))


def flows(fit, flow, low, high):
    """The estimate with other numbers on its legs, the last of which stay as they are."""
    legs = fit.legs.copy()
    for column, values in (("flow_kg", flow), ("low_kg", low), ("high_kg", high)):
        legs.iloc[: len(values), legs.columns.get_loc(column)] = values
    return replace(fit, legs=legs)


def test_classes_follow_the_rule(years):
    fit = years.fits[2001]
    exact, after, spread = [100.0] * 8, [130, 70, 110, 140, 115, 0, 100, 0.0], 1.05
    exact[6:] = [0.0, 0.0]
    after = np.array(after)
    width = np.array([spread, spread, spread, 2.0, 1.2, 1.0, spread, 1.0])
    base = flows(fit, exact, exact, exact)
    changes = changes_between(
        base, flows(fit, after, after / width, after * width), years=(2001, 2002)
    )
    assert changes.table["change"].iloc[:8].tolist() == [
        "rises", "falls", "steady", "not distinguishable", "not distinguishable", "ends",
        "appears", "no flow",
    ]  # fmt: skip
    row = changes.table.iloc[0]
    assert row["ratio"] == 1.3
    assert row["ratio_high"] == pytest.approx(1.3 * spread)
    assert changes.table["ratio"].iloc[6:8].isna().all()
    assert "0.8 to 1.25" in changes.rule
    assert changes.counts.sum() == len(NET.legs)
    assert changes.counts.index.tolist() == list(CLASSES)
    text = changes_between(base, base, years=(1, 2), beyond=1.5).rule
    assert "at least 1.5" in text
    assert "at most 0.6667" in text


def test_a_larger_threshold_makes_fewer_changes(years):
    small, large = (years.changes(2001, 2004, beyond=b).counts for b in (1.01, 3.0))
    assert small["falls"] >= large["falls"]
    for beyond in (1.0, 0.5, np.inf, np.nan):
        with pytest.raises(ValueError, match="beyond must be a finite ratio above 1"):
            years.changes(2001, 2004, beyond=beyond)


def test_a_leg_that_evidence_closes_ends():
    legs = pd.DataFrame(
        [("a", "b", 1.0), ("a", "c", 1.0), ("b", "d", 1.0), ("c", "d", 1.0)],
        columns=["from_node", "to_node", "cost"],
    )
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abcd")}), legs)
    supply, demand = (pd.DataFrame({"node": [n], "kg": [9.0]}) for n in "ad")
    closed = pd.DataFrame({"from_node": ["a"], "to_node": ["b"], "best_kg": [0.0], "sd_kg": [0.0]})
    two = {
        1: opr.Evidence.from_tables(supply=supply, demand=demand),
        2: opr.Evidence.from_tables(supply=supply, demand=demand, flows=closed.assign(row="x")),
    }
    for draws in (None, 8):
        found = opr.estimate_years(net, two, evidence=two, draws=draws)
        change = found.changes(1, 2).table["change"]
        assert change.filter(like="a>b").tolist() == ["ends"]
        back = found.changes(2, 1).table
        assert back["change"].filter(like="b>d").tolist() == ["appears"]
        assert back["ratio"].filter(like="b>d").isna().all()
        assert "no ratio: appears" in found.changes(2, 1).summary()


def test_a_year_without_supply_has_no_draws():
    none = opr.Evidence.from_tables(supply=EVIDENCE.supply.assign(best_kg=0.0, sd_kg=0.0))
    two = {2001: EVIDENCE, 2002: none}
    still = opr.estimate_years(NET, two, evidence=two)
    assert set(still.changes(2001, 2002).table["change"]) <= {"ends", "no flow"}
    found = opr.estimate_years(NET, two, evidence=two, draws=4)
    assert found.skipped.at[2002, "reason"].startswith("a supply of zero")
    only = opr.estimate_years(NET, [2002], evidence=two, draws=4)
    assert only.summary().splitlines()[0] == "Estimated flows of 0 years"


def test_a_method_without_intervals_has_no_classes():
    found = opr.estimate_years(NET, [2001, 2002], evidence=BY_YEAR, method="shortest_path")
    changes = found.changes(2001, 2002)
    assert set(changes.table["change"]) <= {"no interval", "no flow"}
    assert ", ratio 1.3: no interval" in changes.summary()


def test_tables_are_saved_as_a_folder(tmp_path, years):
    path = years.save(tmp_path / "years")
    again = {p.name: p.read_bytes() for p in path.iterdir()}
    assert {p.name: p.read_bytes() for p in years.save(path).iterdir()} == again
    pd.testing.assert_frame_equal(
        pd.read_csv(path / "supply.csv")[["year", "supply_kg"]],
        years.supply.reset_index()[["year", "supply_kg"]],
    )
    assert len(pd.read_csv(path / "legs.csv")) == len(years.legs)
    assert json.loads(again["provenance.json"])["years"]["2001"]["n_effective"] == 30.0
    (path / "mine.txt").write_text("x")
    with pytest.raises(OutputError, match="something else"):
        years.save(path)
    with pytest.raises(OutputError, match="without an ending"):
        years.save(tmp_path / "years.csv")
    with pytest.raises(OutputError, match="no folder"):
        years.save(tmp_path / "none" / "years")
    assert [p.name for p in tmp_path.iterdir()] == ["years"]


def test_cards_escape_names():
    nodes = pd.DataFrame({"node": ["<b>x</b>", "y"]})
    legs = pd.DataFrame({"from_node": ["<b>x</b>"], "to_node": ["y"], "cost": [1.0]})
    net = opr.RouteNetwork.from_tables(nodes, legs)
    supply, demand = (pd.DataFrame({"node": [n], "kg": [9.0]}) for n in nodes["node"])
    one = opr.Evidence.from_tables(supply=supply, demand=demand)
    found = opr.estimate_years(net, [1, 2], evidence={1: one, 2: one})
    for result in (found, found.changes(1, 2)):
        assert "<b>" not in result._repr_html_()
        assert "&lt;b&gt;x" in result._repr_html_()
    assert repr(found.changes(1, 2)) == "<Changes 1 to 2 on 1 legs>"


def test_shipped_years_by_commodity_and_by_stocks():
    names = ("opium", "heroin")
    found = opr.estimate_years(
        opr.load_network(),
        [2021, 2022],
        evidence=partial(opr.load_evidence, commodities=names),
        commodities=names,
    )
    assert set(found.legs["commodity"].dropna()) >= set(names)
    assert len(found.changes(2021, 2022).table) == len(found.fits[2021].legs)


def test_harvests_set_the_supply():
    best = {n: opr.load_evidence(2023, harvests=n).supply.at["supply:AFG", "best_kg"] for n in
            (1, 2, 3)}  # fmt: skip
    assert best[3] == opr.load_evidence(2023).supply.at["supply:AFG", "best_kg"]
    assert best[2] / best[1] == pytest.approx((6200 + 333) / 2 / 333)
    assert opr.load_evidence(2008, harvests=1).supply["best_kg"].iloc[0] == 375_000
    for wrong in (0, 1.5, True):
        with pytest.raises(ValueError, match="harvests must be a whole number"):
            opr.load_evidence(2023, harvests=wrong)


def test_supply_names_what_it_shares_with_other_years():
    shared = opr.load_evidence(2022).shared
    of_supply = shared[shared["row"] == "supply:AFG"]
    assert of_supply["cause"].tolist() == [
        "share exported", "share made into heroin", "opium per heroin",
    ]  # fmt: skip
    assert of_supply["relative_sd"].between(0.02, 0.2).all()
    published = opr.load_evidence(2008).shared
    assert not published["row"].eq("supply:AFG").any()
