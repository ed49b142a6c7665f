import numpy as np
import pandas as pd
import pytest
from instances import random_case
from scipy import stats

import opiateroutes as opr
from opiateroutes.chokepoints.chain import Enforcement, IntendedChain
from opiateroutes.chokepoints.drivers import chance_level, explained
from opiateroutes.chokepoints.ranks import ranks_in_draws
from opiateroutes.errors import UnknownNameError


@pytest.fixture(scope="module")
def sampled():
    net, evidence = opr.load_network(), opr.load_evidence(2010)
    return opr.sample_flows(net, evidence, draws=96, rng=3, points="independent")


@pytest.fixture(scope="module")
def found(sampled):
    return opr.find_chokepoints(sampled, effort=(0.3, 0.6), reaction=(0, 2), top=4)


def drops(sampled, effort, reaction):
    """The definition: each draw on its own, as if it were the fit."""
    rows = []
    for arcs in sampled.arcs_kg:
        chain = IntendedChain.of(sampled.measure, arcs)
        row = []
        for node in np.flatnonzero(sampled.measure.supply_kg == 0):
            enforcement = Enforcement(
                np.where(np.arange(sampled.measure.n_nodes) == node, 1 - effort, 1.0),
                np.ones(len(sampled.measure.legs)),
            )
            row.append(chain.delivered_kg(enforcement, reaction)[0])
        before = chain.delivered_kg(Enforcement.none(sampled.measure), 0.0)[0]
        rows.append(1 - np.array(row) / before)
    return np.array(rows)


def test_intervals_and_ranks_are_those_of_each_draw_on_its_own(sampled, found):
    share = drops(sampled, 0.6, 2.0)
    nodes = sampled.measure.nodes[sampled.measure.supply_kg == 0]
    rows = found.table.query("effort == 0.6 and reaction == 2").set_index("node").loc[nodes]
    low, high = np.quantile(share, [0.05, 0.95], axis=0)
    assert rows["drop_low"].to_numpy() == pytest.approx(low, abs=1e-6)
    assert rows["drop_high"].to_numpy() == pytest.approx(high, abs=1e-6)
    ranks = 1 + (-share).argsort(axis=1).argsort(axis=1)
    assert rows["in_top"].to_numpy() == pytest.approx((ranks <= 4).mean(axis=0), abs=0.011)
    assert (rows["rank_low"] <= rows["rank_high"]).all()
    assert rows["in_top"].sum() == pytest.approx(4)


def test_the_ranking_itself_is_of_the_best_estimates(sampled, found):
    alone = opr.find_chokepoints(sampled.fit, effort=(0.3, 0.6), reaction=(0, 2), top=4)
    same = ["node", "drop_share", "rank"]
    pd.testing.assert_frame_equal(found.table[same], alone.table[same])
    assert alone.table["in_top"].isna().all()
    assert alone.table["rank_low"].isna().all()
    assert "in_top_2" in found.ranking()
    assert "of draws" in found._repr_html_()
    assert "of draws" not in alone._repr_html_()


def test_equal_elements_rank_in_their_order():
    assert ranks_in_draws(np.array([[0.2, 0.2, 0.5]])).tolist() == [[2, 3, 1]]


def test_displacement_has_the_interval_of_the_draws(sampled, found):
    moved = found.displacement("IRN", effort=0.6, reaction=2)
    leg = "AFG>PAK:land"
    before = sampled.leg_draws_kg(leg)
    assert moved.loc[leg, "before_low_kg"] == pytest.approx(np.quantile(before, 0.05), rel=1e-5)
    assert (moved["change_low_kg"] <= moved["change_high_kg"]).all()
    assert moved.loc[leg, "change_low_kg"] > 0
    without = found.displacement("IRN", effort=0.6, reaction=2, intervals=False)
    assert without.columns.str.endswith(("low_kg", "high_kg")).sum() == 0
    pd.testing.assert_frame_equal(without, moved[without.columns])
    received = found.receivers("IRN", effort=0.6, by="groups")
    assert received.index.name == "group"
    assert (received["after_low_kg"] <= received["after_high_kg"]).all()


def test_results_do_not_depend_on_the_chunks(sampled, monkeypatch):
    from opiateroutes.chokepoints import draws

    whole = opr.find_chokepoints(sampled, reaction=1).table
    monkeypatch.setattr(draws, "_NUMBERS_AT_MOST", 50_000)
    pd.testing.assert_frame_equal(opr.find_chokepoints(sampled, reaction=1).table, whole)


def test_drivers_name_an_input_for_each_pair_of_neighbours(sampled, found):
    drivers = found.drivers()
    order = found.ranking().index[:5].tolist()
    assert drivers["ahead"].tolist() == order[:4]
    assert drivers["behind"].tolist() == order[1:]
    share = found.draws[1]
    column = [e.id for e in found.elements].index
    lead = share[:, column(order[0])] - share[:, column(order[1])]
    assert drivers.loc[0, "reversed_share"] == pytest.approx((lead < 0).mean())
    assert set(drivers["input"].dropna()) <= set(sampled.plan.inputs.names)


def test_drivers_find_the_least_certain_figure():
    """Two markets side by side; the figures decide, and that of one is far less sure."""
    legs = pd.DataFrame({"from_node": list("aa"), "to_node": list("bc"), "cost": 2.0})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abc")}), legs)
    supply = pd.DataFrame({"node": ["a"], "best_kg": [100.0], "sd_kg": [0.01]})
    demand = pd.DataFrame({"node": ["b", "c"], "best_kg": [45.0, 35.0], "sd_kg": [9.0, 0.01]})
    evidence = opr.Evidence.from_tables(supply=supply, demand=demand)
    ens = opr.sample_flows(
        net, evidence, draws=256, points="independent", structural_sd=0.0, n_effective=1.0
    )
    [row] = opr.find_chokepoints(ens, top=1, candidates=["b", "c"]).drivers().itertuples()
    assert (row.ahead, row.behind) == ("b", "c")
    assert row.input == "demand:b"
    assert row.share > 0.25 > chance_level(256, len(ens.plan.inputs.names))


def test_noise_names_no_input_more_often_than_was_said():
    """Nothing depends on any of 60 inputs: 5 % of pairs at most name one, give or take chance."""
    rng = np.random.default_rng(5)
    level, trials = chance_level(40, 60), 600
    named = sum(
        explained([rng.standard_normal((40, 60))], rng.standard_cauchy(40)).max() > level
        for _ in range(trials)
    )
    assert 0.02 < named / trials < 0.07  # standard error 0.009; Bonferroni is nearly exact here


def test_the_level_is_that_of_the_largest_of_so_many():
    assert chance_level(100, 1) == pytest.approx(
        0.1966**2, abs=1e-4
    )  # a table of r at 5 %, n = 100
    assert chance_level(100, 500) > chance_level(100, 5) > chance_level(1000, 5)
    assert np.isinf(chance_level(2, 5))
    assert chance_level(3, 5) < 1.0


def test_an_input_explains_its_squared_correlation_in_blocks_of_any_size():
    z = np.random.default_rng(2).standard_normal((300, 4))
    lead = z[:, 1] + 0.5 * z[:, 2]
    share = explained([z[:100], z[100:130], z[130:]], lead)
    scores = stats.norm.ppf(stats.rankdata(lead) / 301)
    want = [np.corrcoef(z[:, k], scores)[0, 1] ** 2 for k in range(4)]
    assert share == pytest.approx(want, rel=1e-10)
    assert explained([z], np.ones(300)).tolist() == [0.0] * 4


def test_few_draws_name_no_input():
    net, evidence = random_case(3, n_nodes=5, n_sources=1)
    ens = opr.sample_flows(net, evidence, draws=2, points="independent")
    drivers = opr.find_chokepoints(ens, top=2).drivers()
    assert len(drivers) == 2
    assert drivers[["input", "share"]].isna().all(axis=None)
    assert drivers["input"].dtype == "str"


def test_drivers_need_independent_draws_of_what_was_scanned(found, sampled):
    with pytest.raises(ValueError, match="independent"):
        opr.find_chokepoints(sampled.fit).drivers()
    with pytest.raises(UnknownNameError, match="not scanned"):
        found.drivers(effort=0.9)


def test_a_chokepoint_behind_which_nothing_else_leads_is_found_in_every_draw():
    """a -> b -> {c, d} -> e: closing b stops all, closing c moves all to d."""
    legs = pd.DataFrame({"from_node": list("abbcd"), "to_node": list("bcdee"), "cost": 2.0})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abcde")}), legs)
    supply = pd.DataFrame({"node": ["a"], "best_kg": [100.0], "sd_kg": [10.0]})
    demand = pd.DataFrame({"node": ["e"], "best_kg": [80.0], "sd_kg": [20.0]})
    ens = opr.sample_flows(net, opr.Evidence.from_tables(supply=supply, demand=demand), draws=32)
    found = opr.find_chokepoints(ens, effort=1.0, reaction=2, top=2, candidates=list("bcd"))
    rows = found.table.set_index("node")
    assert rows.loc["b", "in_top"] == 1
    assert rows.loc["b", ["drop_low", "drop_high"]].tolist() == pytest.approx([1, 1])
    assert rows.loc[["c", "d"], "drop_high"].to_numpy() == pytest.approx([0, 0], abs=1e-6)


@pytest.mark.parametrize("by", ["source", "edition"])
def test_a_ranking_without_each_publication(by):
    net, evidence = opr.load_network(), opr.load_evidence(2010)
    flips = opr.rank_flips(net, evidence, by=by, top=3)
    full = opr.find_chokepoints(opr.estimate_flows(net, evidence), reaction=2).table["node"][:3]
    for row in flips.itertuples():
        assert set(row.entered) == set(row.first) - set(full)
        assert set(row.left) == set(full) - set(row.first)
        assert row.rows >= 1
        assert -1 <= row.rank_correlation <= 1
        assert row.moved in {*row.entered, *row.left, *full}
    changes = flips["entered"].map(len)
    assert changes.is_monotonic_decreasing
    assert changes.max() > 0


def test_leaving_out_needs_names():
    net, evidence = random_case(2)
    for by in ("source", "edition"):
        with pytest.raises(ValueError, match="names its"):
            opr.rank_flips(net, evidence, by=by)
    with pytest.raises(UnknownNameError, match="source, edition"):
        opr.rank_flips(net, evidence, by="year")
