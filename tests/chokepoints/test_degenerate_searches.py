"""What every search does with nothing, with everything, and with what is no number.

The other tests say what comes out of cases that make sense; here each case is one that does not, or
only just, and the answer is the documented one or an error that says what to do.
"""

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.chokepoints.elements import resolve_together
from opiateroutes.errors import UnknownNameError

NAN, INF = math.nan, math.inf

NOT_EFFORTS = [-0.1, 1.1, NAN, INF, -INF, "0.5", "x", True, None, [0.5], 0.5j]
NOT_REACTIONS = [-1, -1e-9, NAN, INF, 1e308, "2", "x", True, None, [2.0]]
NOT_COUNTS = [0, -1, 1.5, NAN, INF, "5", True, None]
NOT_BUDGETS = [-1, -1e-12, NAN, -INF, "x", None, [1]]


def estimate(legs, *, supply, demand):
    """A fit on legs written as two letters each."""
    return opr.estimate_flows(*case(legs, supply=supply, demand=demand))


def case(legs, *, supply, demand):
    nodes = sorted({*"".join(legs), *supply, *demand})
    table = pd.DataFrame(
        {"from_node": [a for a, _ in legs], "to_node": [b for _, b in legs], "cost": 2.0}
    ).astype({"from_node": "str", "to_node": "str"})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": nodes}), table)
    figures = {
        name: pd.DataFrame(
            {
                "node": list(kg),
                "best_kg": [float(one) for one in kg.values()],
                "sd_kg": [0.1 * one for one in kg.values()],
            }
        )
        for name, kg in (("supply", supply), ("demand", demand))
    }
    return net, opr.Evidence.from_tables(**figures)


WEB = ("ab", "bc", "bd", "ce", "de", "ae")


@pytest.fixture(scope="module")
def web():
    """Several ways from a to e; c consumes too; nothing leads to f."""
    return estimate(WEB, supply={"a": 100}, demand={"e": 80, "c": 5, "f": 0})


@pytest.fixture(scope="module")
def line():
    """One way only, a to b to c."""
    return estimate(("ab", "bc"), supply={"a": 100}, demand={"c": 80})


@pytest.fixture(scope="module")
def nothing():
    return estimate(("ab", "bc"), supply={"a": 0}, demand={"c": 80})


@pytest.fixture(scope="module")
def alone():
    """A single node, where all is produced and consumed."""
    return estimate((), supply={"a": 10}, demand={"a": 8})


@pytest.fixture(scope="module")
def two_sources():
    """a only over c, b only over d."""
    return estimate(("ac", "ce", "bd", "de"), supply={"a": 100, "b": 50}, demand={"e": 80})


@pytest.fixture(scope="module")
def drawn():
    net, evidence = case(WEB, supply={"a": 100}, demand={"e": 80, "c": 5})
    return opr.sample_flows(net, evidence, draws=48, points="independent", rng=1)


# ---- options -------------------------------------------------------------------------------------


@pytest.mark.parametrize("effort", NOT_EFFORTS, ids=repr)
def test_an_effort_is_a_number_between_0_and_1(web, effort):
    found = opr.find_chokepoints(web)
    calls = {
        "find_combinations": lambda: opr.find_combinations(web, effort=effort),
        "displacement": lambda: found.displacement("b", effort=effort),
        "receivers": lambda: found.receivers("b", effort=effort),
        "best_set": lambda: opr.best_set(web, budget=1, effort=effort),
        "rank_flips": lambda: opr.rank_flips(web.network, dated(web), effort=effort),
    }
    if effort != [0.5]:  # of efforts find_chokepoints takes several
        calls["find_chokepoints"] = lambda: opr.find_chokepoints(web, effort=effort)
    if effort is None:  # the first effort of the table
        del calls["displacement"], calls["receivers"]
    for call in calls.values():
        with pytest.raises(ValueError, match="effort must be a number between 0 and 1"):
            call()


@pytest.mark.parametrize("reaction", NOT_REACTIONS, ids=repr)
def test_a_reaction_is_a_number_of_at_least_0(web, reaction):
    found = opr.find_chokepoints(web)
    calls = {
        "find_combinations": lambda: opr.find_combinations(web, reaction=reaction),
        "displacement": lambda: found.displacement("b", reaction=reaction),
        "receivers": lambda: found.receivers("b", reaction=reaction),
        "best_set": lambda: opr.best_set(web, budget=1, reaction=reaction),
        "rank_flips": lambda: opr.rank_flips(web.network, dated(web), reaction=reaction),
    }
    if reaction != [2.0]:
        calls["find_chokepoints"] = lambda: opr.find_chokepoints(web, reaction=reaction)
    for call in calls.values():
        with pytest.raises(ValueError, match="reaction must be a finite number of at least 0"):
            call()


def dated(fit):
    """The evidence of a fit, with a publication to leave out."""
    demand = fit.evidence.demand.query("best_kg > 0").reset_index(drop=True)
    return opr.Evidence.from_tables(
        supply=fit.evidence.supply.reset_index(drop=True), demand=demand.assign(source="somebody")
    )


@pytest.mark.parametrize("top", NOT_COUNTS, ids=repr)
def test_the_top_is_a_count(web, top):
    with pytest.raises(ValueError, match="top must be a whole number of at least 1"):
        opr.find_chokepoints(web, top=top)
    with pytest.raises(ValueError, match="top must be a whole number of at least 1"):
        opr.rank_flips(web.network, dated(web), top=top)


@pytest.mark.parametrize("size", [1, 4, 2.0, NAN, "2", True, None], ids=repr)
def test_combinations_are_pairs_or_triples(web, size):
    with pytest.raises(ValueError, match="size must be 2 or 3"):
        opr.find_combinations(web, size=size)


@pytest.mark.parametrize("most", [-1, 2.5, NAN, "x", True], ids=repr)
def test_the_most_rows_is_a_count(web, most):
    with pytest.raises(ValueError, match="most must be a whole number of at least 0"):
        opr.find_combinations(web, most=most)


def test_the_most_rows_may_be_none_of_them_or_more_than_there_are(web):
    assert opr.find_combinations(web, most=0).empty
    assert len(opr.find_combinations(web, most=1)) == 1
    assert len(opr.find_combinations(web, most=1000)) == len(opr.find_combinations(web, most=None))


def test_options_come_as_numbers_of_numpy_and_pandas_too(web):
    want = opr.find_chokepoints(web, effort=0.5, reaction=2).table
    for effort in (np.float32(0.5), np.array(0.5), np.array([0.5]), pd.Series([0.5])):
        found = opr.find_chokepoints(web, effort=effort, reaction=np.int64(2), top=np.int64(5))
        pd.testing.assert_frame_equal(found.table, want)


def test_what_is_named_twice_counts_once(web):
    once = opr.find_chokepoints(web, effort=0.5, reaction=(0, 2), candidates=["b", "e"])
    twice = opr.find_chokepoints(
        web, effort=(0.5, 0.5), reaction=(0, 2, 0.0), candidates=["b", "e", "b"]
    )
    pd.testing.assert_frame_equal(twice.table, once.table)
    pd.testing.assert_frame_equal(twice.ranking(), once.ranking())
    pd.testing.assert_frame_equal(once.displacement(["b", "b"]), once.displacement("b"))
    assert opr.find_combinations(web, candidates=["b", "b"]).empty
    assert opr.best_set(web, budget=2, candidates=["e", "e"]).elements == ("e",)


@pytest.mark.parametrize(
    "what", [None, "AFG", 5, nx.path_graph(2)], ids=["none", "text", "number", "graph"]
)
def test_chokepoints_are_those_of_a_fit(what):
    for call in (opr.find_chokepoints, opr.find_combinations, lambda f: opr.best_set(f, budget=1)):
        with pytest.raises(TypeError, match="expected a fit"):
            call(what)


def test_a_network_is_not_a_fit(web):
    with pytest.raises(TypeError, match=r"estimate_flows.*not RouteNetwork"):
        opr.find_chokepoints(web.network)


# ---- no element, and elements that are not there -------------------------------------------------


def test_no_effort_or_no_reaction_at_all(web):
    for options in ({"effort": []}, {"reaction": ()}):
        with pytest.raises(ValueError, match="give at least one effort and one reaction"):
            opr.find_chokepoints(web, **options)


@pytest.mark.parametrize(
    ("elements", "candidates"),
    [("nodes", []), ("legs", []), ("borders", []), ("groups", []), ("routes", None), ({}, None)],
)
def test_no_candidates_give_empty_tables(web, elements, candidates):
    chosen = {"elements": elements, "candidates": candidates}
    found = opr.find_chokepoints(web, **chosen)
    assert found.table.empty
    assert found.table.columns[1] == "name"
    assert found.ranking().empty
    assert "first none" in repr(found)
    assert "<tbody></tbody>" in found._repr_html_()
    assert opr.find_combinations(web, **chosen).empty
    assert opr.best_set(web, budget=3, **chosen).elements == ()


def test_no_candidates_of_an_ensemble(drawn):
    found = opr.find_chokepoints(drawn, candidates=[])
    assert found.table.empty
    assert found.drivers().columns.tolist() == [
        "ahead", "behind", "reversed_share", "input", "share",
    ]  # fmt: skip
    assert opr.find_chokepoints(drawn, candidates="b").drivers().empty


def test_an_element_of_nothing_changes_nothing(web):
    found = opr.find_chokepoints(web, elements={"none": [], "some": ["b"]}, effort=1.0)
    none = found.table.query("element == 'none'")
    assert none["drop_share"].tolist() == [0.0] * 4
    assert (found.displacement([])["change_kg"].abs() < 1e-9).all()
    assert (found.receivers("none")["change_kg"].abs() < 1e-9).all()


@pytest.mark.parametrize("name", ["nowhere", "f", None, NAN, 5, ""], ids=repr)
def test_a_place_that_no_route_reaches_is_refused(web, name):
    found = opr.find_chokepoints(web)
    calls = (
        lambda: opr.find_chokepoints(web, candidates=[name]),
        lambda: opr.find_chokepoints(web, elements={"x": [name]}),
        lambda: opr.find_combinations(web, candidates=[name]),
        lambda: opr.best_set(web, budget=1, candidates=[name]),
        lambda: found.displacement(name),
        lambda: found.receivers([name]),
    )
    for call in calls:
        with pytest.raises(UnknownNameError, match="no route of the fit"):
            call()


@pytest.mark.parametrize("elements", [None, ["nodes"], "NODES", 5], ids=repr)
def test_kinds_of_elements_are_named(web, elements):
    for call in (opr.find_chokepoints, opr.find_combinations):
        with pytest.raises(UnknownNameError, match=r"no elements .* there are nodes, legs"):
            call(web, elements=elements)


@pytest.mark.parametrize("other", [None, "prices", ["nodes"]], ids=repr)
def test_other_choices_are_named(web, drawn, other):
    found = opr.find_chokepoints(web)
    with pytest.raises(UnknownNameError, match="no closure"):
        opr.find_chokepoints(web, closure=other)
    with pytest.raises(UnknownNameError, match="no receivers by"):
        found.receivers("b", by=other)
    with pytest.raises(UnknownNameError, match="nothing to leave out by"):
        opr.rank_flips(web.network, dated(web), by=other)
    if other is not None:
        with pytest.raises(UnknownNameError, match="no effort"):
            found.ranking(effort=other)
        for chosen in ({"effort": other}, {"reaction": other}):
            with pytest.raises(UnknownNameError, match=r"were not scanned; there are efforts 0\.5"):
                opr.find_chokepoints(drawn).drivers(**chosen)


def test_pairs_of_the_same_place_act_once(web):
    """x and y are both b: together they do what b does."""
    pairs = opr.find_combinations(web, elements={"x": "b", "y": "b", "z": "c"}, effort=0.6)
    found = opr.find_chokepoints(web, effort=0.6, reaction=2, candidates=["b"])
    rows = pairs.set_index("elements")["drop_share"]
    assert rows[[("x", "y")]].item() == pytest.approx(found.table["drop_share"].item())


@pytest.fixture(scope="module")
def grouped():
    """p and q in AAA, r and s in BBB, t in CCC, one after another."""
    nodes = pd.DataFrame({"node": list("pqrst"), "iso3": ["AAA", "AAA", "BBB", "BBB", "CCC"]})
    legs = pd.DataFrame(
        {"leg": ["pq", "qr", "rs", "st"], "from_node": list("pqrs"), "to_node": list("qrst")}
    ).assign(mode=["road", "land", "road", "land"], cost=2.0)
    supply = pd.DataFrame({"node": ["p"], "best_kg": [100.0], "sd_kg": [1.0]})
    demand = pd.DataFrame({"node": ["BBB", "CCC"], "best_kg": [40.0, 40.0], "sd_kg": [1.0, 1.0]})
    return opr.estimate_flows(
        opr.RouteNetwork.from_tables(nodes, legs),
        opr.Evidence.from_tables(supply=supply, demand=demand),
    )


def test_a_group_stands_for_its_nodes_and_a_border_joins_two_groups(grouped):
    found = opr.find_chokepoints(grouped, candidates="BBB", reaction=0)
    assert found.table["node"].tolist() == ["r", "s"]
    both = opr.find_chokepoints(grouped, elements={"x": "BBB", "y": ["r", "s"]}, reaction=0).table
    assert both["drop_share"].iloc[0] == pytest.approx(both["drop_share"].iloc[1], rel=1e-12)
    borders = opr.find_chokepoints(grouped, elements="borders", reaction=0).table["border"]
    assert borders.tolist() == ["AAA - BBB", "BBB - CCC"]  # not the legs inside a group
    with pytest.raises(UnknownNameError, match="no route of the fit uses 'AAA - CCC'"):
        opr.find_chokepoints(grouped, elements={"x": ["AAA - CCC"]})


def test_inland_legs_are_refused_with_the_reason():
    fit = opr.estimate_flows(opr.load_network("crossings"), opr.load_evidence(2010))
    inland = fit.network.legs.index.difference(fit.measure.legs)[0]
    with pytest.raises(UnknownNameError, match=r"ends no stage of the fit.*not on inland ones"):
        opr.find_chokepoints(fit, elements={"x": [inland]})


def test_elements_of_a_fit_of_nothing(nothing):
    with pytest.raises(ValueError, match="nothing moves in this fit"):
        resolve_together(nothing, ["b"])


def test_a_table_of_several_origins_does_not_answer(web):
    table = pd.DataFrame({"origin": ["a", "b"], "destination": ["e", "e"], "kg": [10.0, 5.0]})
    fit = opr.estimate_flows(web.network, dated(web), od=table)
    for call in (opr.find_chokepoints, opr.find_combinations):
        with pytest.raises(ValueError, match=r"several origins.*give the table of one origin"):
            call(fit)


def test_ranks_of_legs_without_a_publication(web):
    """Throughput is one of nodes: what moved most is not told of legs."""
    [row] = opr.rank_flips(web.network, dated(web), elements="legs").itertuples()
    assert math.isnan(row.moved_share)
    assert row.moved in set(web.network.legs.index)
    [row] = opr.rank_flips(web.network, dated(web), elements={"one": ["b"]}).itertuples()
    assert math.isnan(row.rank_correlation)


# ---- nothing moves, nothing is delivered, one node -----------------------------------------------


def test_where_nothing_moves(nothing):
    found = opr.find_chokepoints(nothing)
    assert found.table.empty
    assert found.ranking().empty
    for call in (found.displacement, found.receivers):
        with pytest.raises(ValueError, match="nothing moves"):
            call("b")
    with pytest.raises(ValueError, match="independent draws"):
        found.drivers()
    assert opr.find_combinations(nothing).empty
    assert opr.best_set(nothing, budget=1).elements == ()
    assert opr.best_sets(nothing)["drop_share"].tolist() == [0.0] * 5
    with pytest.raises(ValueError, match=r"nothing to rank.*Look at the supply"):
        opr.rank_flips(nothing.network, dated(nothing))


def test_options_are_read_where_nothing_moves_too(nothing):
    with pytest.raises(ValueError, match="effort"):
        opr.find_chokepoints(nothing, effort=2)
    with pytest.raises(ValueError, match="most"):
        opr.find_combinations(nothing, most=-1)
    with pytest.raises(ValueError, match="reaction"):
        opr.best_set(nothing, budget=1, reaction=-1)


def test_where_nothing_is_delivered_no_drop_is():
    """Nobody consumes: what is sent ends unaccounted for, and no share can be taken."""
    net, _ = case(("ab", "bc"), supply={"a": 100}, demand={})
    figures = {"supply": ("a", 100.0), "seizures": ("c", 40.0)}
    tables = {
        name: pd.DataFrame({"node": [node], "best_kg": [kg], "sd_kg": [1.0]})
        for name, (node, kg) in figures.items()
    }
    fit = opr.estimate_flows(net, opr.Evidence.from_tables(**tables))
    assert fit.nodes["consumption_kg"].sum() == 0
    found = opr.find_chokepoints(fit, effort=(0.5, 1.0))
    assert found.table["drop_share"].tolist() == [0.0] * len(found.table)
    assert (opr.find_combinations(fit)["drop_share"] == 0).all()
    assert opr.best_set(fit, budget=1).drop_share == 0.0


def test_a_network_of_one_node(alone):
    assert opr.find_chokepoints(alone).table.empty  # it is a node of supply
    for kind in ("legs", "borders", "groups", "routes"):
        assert opr.find_chokepoints(alone, elements=kind).table.empty
    found = opr.find_chokepoints(alone, candidates="a", effort=(0.25, 1.0))
    shares = found.table.groupby("effort")["drop_share"].unique()
    assert shares[0.25] == pytest.approx([0.25])
    assert shares[1.0] == pytest.approx([1.0])
    assert found.displacement("a").empty  # no leg
    assert found.receivers("a")["change_kg"].tolist() == [0.0]
    assert opr.find_combinations(alone, candidates="a").empty


# ---- effort and reaction at their ends -----------------------------------------------------------


@pytest.mark.parametrize("closure", ["dispatch", "orders", "demand"])
@pytest.mark.parametrize("kind", ["nodes", "legs", "borders", "groups"])
def test_no_effort_changes_exactly_nothing(web, kind, closure):
    found = opr.find_chokepoints(web, effort=0, elements=kind, closure=closure)
    assert (found.table[f"{found.measured}_share"] == 0.0).all()
    # With nothing to tell them apart elements stand in the order of their ids.
    for _, block in found.table.groupby("reaction"):
        assert block[found.kind].is_monotonic_increasing


def test_no_effort_changes_nothing_in_pairs_draws_and_flows(web, drawn):
    pairs = opr.find_combinations(web, effort=0.0)
    assert (pairs[["drop_share", "alone_share", "interaction_share"]] == 0.0).all(axis=None)
    found = opr.find_chokepoints(drawn, effort=0.0)
    assert (found.table[["drop_low", "drop_high"]] == 0.0).all(axis=None)
    assert found.drivers()["input"].isna().all()
    assert found.drivers()["reversed_share"].tolist() == [0.0] * 3
    assert (found.displacement("b")["change_kg"].abs() < 1e-9).all()
    assert opr.best_set(web, budget=3, effort=0.0).elements == ()


@pytest.mark.parametrize("reaction", [0.0, 2.0])
def test_full_effort_on_the_only_way_stops_all(line, reaction):
    options = {"effort": 1.0, "reaction": reaction}
    found = opr.find_chokepoints(line, **options)
    assert found.table["drop_share"].tolist() == [1.0, 1.0]
    assert found.table["delivered_kg"].tolist() == [0.0, 0.0]
    [pair] = opr.find_combinations(line, **options).itertuples()
    assert (pair.drop_share, pair.alone_share, pair.interaction_share) == (1.0, 2.0, -1.0)
    # Without reaction what sets out is stopped at b; with it nothing is sent where no way is left.
    sent = 100.0 if reaction == 0 else 0.0
    moved = found.displacement("b", reaction=reaction)
    assert moved.set_index(["from_node", "to_node"])["after_kg"].to_dict() == pytest.approx(
        {("a", "b"): sent, ("b", "c"): 0.0}
    )


def test_full_effort_without_reaction_stops_what_passes(web):
    """What passes b or d is lost, nothing more: the flows there, as the fit has them."""
    found = opr.find_chokepoints(web, effort=1.0, reaction=0, candidates=["b"])
    eaten = web.nodes["consumption_kg"]
    over_b = eaten["b"] + eaten["c"] + eaten["d"]
    passing_on = sum(web.legs["flow_kg"][(web.legs["from_node"] == n)].sum() for n in "cd")
    over_b += eaten["e"] * passing_on / web.nodes.loc["e", "throughput_kg"]
    assert found.table["drop_kg"].item() == pytest.approx(over_b, rel=1e-9)


@pytest.mark.parametrize("effort", [0.5, 0.9, 0.999, 1 - 1e-9, 1 - 1e-15])
@pytest.mark.parametrize("reaction", [0.0, 4.0, 100.0, 1e3, 1e4])
def test_however_strong_the_reaction_who_has_no_other_way_goes_on(line, effort, reaction):
    """The weight of all routes is the same: one passage loses the effort, two lose it twice."""
    options = {"effort": effort, "reaction": reaction}
    left, tolerance = 1.0 - effort, 1e-9
    before = opr.find_chokepoints(line, effort=0).table["delivered_kg"].iloc[0]
    for elements in ("nodes", "legs"):
        found = opr.find_chokepoints(line, elements=elements, **options)
        assert found.table["delivered_kg"].tolist() == pytest.approx(
            [before * left] * 2, rel=tolerance
        )
    both = opr.find_chokepoints(line, elements={"both": ["b", "c"]}, **options)
    assert both.table["delivered_kg"].item() == pytest.approx(before * left**2, rel=tolerance)
    for most in (["b", "c"], None):
        [pair] = opr.find_combinations(line, candidates=most, **options).itertuples()
        assert pair.delivered_kg == pytest.approx(before * left**2, rel=tolerance)
    moved = both.displacement("both", **options).set_index("to_node")["after_kg"]
    assert moved.to_dict() == pytest.approx({"b": 100.0, "c": 100.0 * left}, rel=tolerance)


@pytest.mark.parametrize("closure", ["orders", "demand"])
def test_closures_too_let_go_on_who_has_no_other_way(line, closure):
    options = {"effort": 0.9, "reaction": 1e3, "closure": closure}
    sets = {"one": ["b"], "two": ["b", "c"]}
    rows = opr.find_chokepoints(line, elements=sets, **options).table.set_index("element")
    left = pd.Series({"one": 0.1, "two": 0.01})
    if closure == "orders":
        want = 1.0 - left
        got = rows["drop_share"]
    else:  # ten, a hundred times as much as is meant to reach consumers
        want = rows.loc["one", "extra_kg"] / 9.0 * (1.0 / left - 1.0)
        got = rows["extra_kg"]
    assert got[left.index].to_numpy() == pytest.approx(want.to_numpy(), rel=1e-9)
    assert np.isfinite(got).all()


def test_a_strong_reaction_moves_all_that_has_another_way(web):
    """Closing b altogether and avoiding it altogether leave the same routes."""
    closed = opr.find_chokepoints(web, effort=1.0, reaction=1.0, candidates=["b", "d"]).table
    avoided = opr.find_chokepoints(web, effort=0.5, reaction=1e3, candidates=["b", "d"]).table
    pd.testing.assert_frame_equal(
        closed.drop(columns=["effort", "reaction"]), avoided.drop(columns=["effort", "reaction"])
    )
    flows = opr.find_chokepoints(web)
    after = [
        flows.displacement("b", effort=e, reaction=k)["after_kg"].sort_index()
        for e, k in ((1.0, 1.0), (0.5, 1e3))
    ]
    pd.testing.assert_series_equal(*after, atol=1e-9)


def test_the_source_itself_can_be_enforced_on_and_leaves_no_choice(web):
    for reaction in (0.0, 2.0, 1e3):
        found = opr.find_chokepoints(web, effort=0.3, reaction=reaction, candidates="a")
        assert found.table["drop_share"].item() == pytest.approx(0.3)
    assert "a" not in set(opr.find_chokepoints(web).table["node"])
    assert opr.find_chokepoints(web, effort=1.0, candidates="a").table["drop_share"].eq(1).all()


def test_a_source_that_is_closed_off_sends_nothing_and_the_other_as_before(two_sources):
    options = {"effort": 1.0, "reaction": 2.0}
    found = opr.find_chokepoints(two_sources, candidates=["c", "d"], **options)
    shares = found.table.set_index("node")["drop_share"]
    assert shares.to_dict() == pytest.approx({"c": 2 / 3, "d": 1 / 3})
    moved = found.displacement("c", **options).set_index(["from_node", "to_node"])["after_kg"]
    assert moved.to_dict() == pytest.approx(
        {("a", "c"): 0.0, ("c", "e"): 0.0, ("b", "d"): 50.0, ("d", "e"): 50.0}
    )
    best = opr.best_set(two_sources, budget=1, candidates=["c", "d"], **options)
    assert best.elements == ("c",)
    assert best.drop_share == pytest.approx(2 / 3)


def test_demand_that_cannot_be_met_is_endless_in_every_draw(drawn):
    found = opr.find_chokepoints(drawn, effort=1.0, closure="demand", top=2)
    rows = found.table.query("reaction == 1").set_index("node")
    assert np.isinf(rows.loc[["b", "c", "e"], ["extra_share", "extra_low", "extra_high"]]).all(
        axis=None
    )
    assert np.isfinite(
        rows.loc["d", ["extra_share", "extra_low", "extra_high"]].astype(float)
    ).all()
    drivers = found.drivers()
    assert drivers["reversed_share"].tolist() == [0.0, 0.0]  # endless is not more than endless
    assert drivers["input"].isna().all()
    assert "inf" in found._repr_html_()


def test_places_in_a_row_rank_by_id_and_not_by_rounding(line):
    """b and c stop the same at any effort: no draw may put one before the other by chance."""
    net, evidence = case(("ab", "bc"), supply={"a": 100}, demand={"c": 80})
    ens = opr.sample_flows(net, evidence, draws=32)
    found = opr.find_chokepoints(ens, effort=(0.3, 0.7), top=1, elements={"y": "b", "x": "b"})
    assert found.table["element"].tolist() == ["x", "y"] * 8
    assert opr.find_chokepoints(line, elements="legs").table["rank"].tolist() == [1, 2] * 4


# ---- best sets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("reaction", [0.0, 2.0])
def test_budgets_at_their_ends(web, reaction):
    options = {"reaction": reaction}
    empty = opr.best_set(web, budget=0, **options)
    assert (empty.elements, empty.drop_share, empty.gap) == ((), 0.0, 0.0)
    all_of_it, more, endless = (
        opr.best_set(web, budget=budget, **options) for budget in (4, 1e300, INF)
    )
    assert all_of_it.elements == more.elements == endless.elements
    assert endless.drop_share == pytest.approx(all_of_it.drop_share, abs=1e-12)
    free = opr.best_set(web, budget=0, costs={"e": 0}, **options)
    assert free.elements == ("e",)
    curve = opr.best_sets(web, budgets=[0, INF], **options)
    assert curve.loc[0.0, "elements"] == ()
    assert curve.loc[INF, "elements"] == endless.elements
    assert opr.best_sets(web, budgets=[], **options).empty


@pytest.mark.parametrize("budget", NOT_BUDGETS, ids=repr)
def test_a_budget_is_a_number_of_at_least_0(web, budget):
    with pytest.raises(ValueError, match="budget must be a number of at least 0"):
        opr.best_set(web, budget=budget)
    with pytest.raises(ValueError, match="budget must be a number of at least 0"):
        opr.best_sets(web, budgets=[1, budget])


@pytest.mark.parametrize("cost", [-1, NAN, INF])
def test_costs_of_elements_are_finite_numbers_of_at_least_0(web, cost):
    with pytest.raises(ValueError, match="cost of 'b' must be a finite number of at least 0"):
        opr.best_set(web, budget=1, costs={"b": cost})


def test_dominators_of_a_fit_of_nothing(nothing):
    assert opr.dominators(nothing, "a").table["dominated_kg"].tolist() == [0.0, 0.0]
