"""Where the flow of a leg comes from and ends, and what its routes carry, against all routes."""

import numpy as np
import pandas as pd
import pytest
from instances import random_case
from refined import refine

import opiateroutes as opr
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.reading.within_stage import Within


def walks(fit, least=1e-11):
    """All walks with a probability of at least this, by brute force: source, arcs, kg."""
    measure, arcs = fit.measure, fit.arcs_kg
    m = len(measure.legs)
    through = np.bincount(measure.arc_tail, arcs, measure.n_nodes)
    share = arcs / through[measure.arc_tail]
    leaving = [np.flatnonzero(measure.arc_tail == k).tolist() for k in range(measure.n_nodes)]
    open_ = [(int(s), int(s), (), measure.supply_kg[s]) for s in measure.sources]
    while open_:
        source, here, path, kg = open_.pop()
        for arc in leaving[here]:
            part = kg * share[arc]
            if arc >= m:
                yield source, (*path, arc), part
            elif part > least * fit.supply_kg:
                open_.append((source, int(measure.head[arc]), (*path, arc), part))


def brute(fit, leg):
    """What `composition` and `select_link` say, in a network in which each stage is a leg."""
    measure = fit.measure
    m = len(measure.legs)
    arc_of = int(np.flatnonzero(measure.legs == leg)[0])
    sides, along = {}, {}
    for source, path, kg in walks(fit):
        passages = path.count(arc_of)
        if not passages:
            continue
        end = path[-1] - m
        for key in (
            ("origin", measure.nodes[source], "supply"),
            ("destination", measure.exit_place[end], measure.exit_kind[end]),
        ):
            sides[key] = sides.get(key, 0.0) + passages * kg
        first = path.index(arc_of)
        for k, arc in enumerate(path[:-1]):
            both = along.setdefault(measure.legs[arc], [0.0, 0.0, 0.0])
            both[int(np.sign(k - first))] += kg
    return sides, along


@pytest.mark.parametrize("seed", range(4))
def test_composition_is_that_of_all_routes(seed):
    fit = opr.estimate_flows(*random_case(seed, n_nodes=5, n_sources=2))
    for leg in fit.measure.legs[::3]:
        sides, along = brute(fit, leg)
        found = fit.composition(leg)
        flows = found.set_index(["side", "place", "kind"])["flow_kg"].to_dict()
        assert flows == pytest.approx(sides, abs=1e-6 * fit.supply_kg)
        assert set(flows) >= {key for key, kg in sides.items() if kg > 1e-6}
        beside = fit.select_link(leg)
        after = pd.Series({name: both[1] for name, both in along.items()})
        before = pd.Series({name: both[-1] for name, both in along.items()})
        for column, expected in (("upstream_kg", before), ("downstream_kg", after)):
            found = beside[column].reindex(expected.index).fillna(0.0)
            assert found.to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-6 * fit.supply_kg)


@pytest.mark.parametrize("level", ["countries", "crossings"])
def test_both_sides_add_up_to_the_flow_of_any_leg_or_place(level):
    net = opr.load_network(level)
    fit = opr.estimate_flows(net, opr.load_evidence(2010))
    flows = fit.legs["flow_kg"]
    inland = flows[~net.legs["border"].to_numpy(bool)] if "border" in net.legs else flows[:0]
    for leg in [*flows.nlargest(3).index, *inland.nlargest(2).index]:
        found = fit.composition(leg)
        for _, side in found.groupby("side"):
            assert side["flow_kg"].sum() == pytest.approx(flows[leg], rel=1e-9)
            assert side["share"].sum() == pytest.approx(1.0)
        beside = fit.select_link(leg)
        assert beside.loc[leg, "flow_kg"] == flows[leg]
        assert (beside["flow_kg"] <= flows[beside.index] + 1e-9).all()
        assert beside["share"].between(0, 1).all()
    between = fit.composition("IRN", "TUR")
    pair = net.legs["from_node"].map(net.nodes["iso3"]) == "IRN"
    pair &= net.legs["to_node"].map(net.nodes["iso3"]) == "TUR"
    for _, side in between.groupby("side"):
        assert side["flow_kg"].sum() == pytest.approx(flows[pair].sum(), rel=1e-9)
    assert set(fit.composition("IRN").query("side == 'origin'")["place"]) == {"AFG"}


def test_what_passes_a_node_is_its_throughput():
    fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    for node in ("IRN", "TUR", "AFG"):
        origins = fit.composition(node).query("side == 'origin'")
        assert origins["flow_kg"].sum() == pytest.approx(fit.nodes.at[node, "throughput_kg"])
    seized = fit.composition("TUR").query("place == 'TUR' and kind == 'seizure'")["flow_kg"]
    # What comes back to Turkey and is seized there has passed it before.
    own = fit.nodes.at["TUR", "seizure_kg"]
    assert own <= seized.item() < 1.05 * own


def test_the_flow_of_all_supply_is_composed_as_the_supply():
    net, evidence = random_case(3, n_sources=2)
    fit = opr.estimate_flows(net, evidence)
    all_ends = sum(
        fit.composition(node).query("side == 'destination' and place == @node")["flow_kg"].sum()
        for node in fit.nodes.index
    )
    # What ends at a node passes it at its end, and may have passed it before.
    assert all_ends >= fit.supply_kg * (1 - 1e-9)


def test_cutting_legs_into_crossings_changes_no_composition():
    coarse, evidence = random_case(2, n_nodes=5, n_sources=1)
    fine = refine(coarse)
    one, two = opr.estimate_flows(coarse, evidence), opr.estimate_flows(fine, evidence)
    for start, end in list(zip(coarse.legs["from_node"], coarse.legs["to_node"], strict=True))[:4]:
        first, second = (fit.composition(start, end) for fit in (one, two))
        keys = ["side", "place", "kind"]
        pd.testing.assert_frame_equal(
            first.sort_values(keys, ignore_index=True),
            second.sort_values(keys, ignore_index=True),
            rtol=1e-7,
        )


def group_that_supplies():
    """Supply anywhere in G, by g1 > g2 and then out, or straight out of g1; markets m1 and m2."""
    nodes = pd.DataFrame(
        [
            ("g1", "G", 3.0),
            ("g2", "G", 1.0),
            ("in", "M", np.nan),
            ("m1", "M", 2.0),
            ("m2", "M", 1.0),
        ],
        columns=["node", "iso3", "population"],
    )
    legs = pd.DataFrame(
        [
            ("g1", "g2", 0.2, False),
            ("g2", "in", 1.0, True),
            ("in", "m1", 0.1, False),
            ("m1", "m2", 0.1, False),
        ],
        columns=["from", "to", "cost", "border"],
    )
    net = opr.RouteNetwork.from_tables(nodes, legs)
    evidence = opr.Evidence.from_tables(
        supply=pd.DataFrame({"node": ["G"], "kg": [100.0]}),
        demand=pd.DataFrame({"node": ["M"], "kg": [100.0]}),
    )
    return opr.estimate_flows(net, evidence)


def test_inland_legs_of_one_stage_are_told_apart():
    fit = group_that_supplies()
    flows = fit.legs["flow_kg"]
    inland, out, on, last = fit.legs.index
    assert flows[last] < flows[on] == pytest.approx(flows[out])
    beside = fit.select_link(inland)
    # Whatever begins at g1 goes on over the border and to both markets.
    assert beside.loc[out, "downstream_kg"] == pytest.approx(flows[inland])
    assert beside.loc[last, "downstream_kg"] == pytest.approx(flows[inland] * flows[last] / 100)
    beside = fit.select_link(last)
    # What ends at the second market has all passed the first, and part of it began at g1.
    assert beside.loc[on, "upstream_kg"] == pytest.approx(flows[last])
    assert beside.loc[inland, "upstream_kg"] == pytest.approx(flows[last] * flows[inland] / 100)
    beside = fit.select_link(out)
    assert beside.loc[inland, "upstream_kg"] == pytest.approx(flows[inland])
    assert beside.loc[on, "downstream_kg"] == pytest.approx(flows[on])
    found = fit.composition(last)
    assert found["place"].tolist() == ["G", "M", "M"]
    assert set(found["kind"]) == {"supply", "consumption", "unaccounted"}


def test_hauls_that_meet_and_part_mix_in_proportion():
    meeting = Within.of([0, 1, 2], "abc", "ccd", [0.25, 0.75, 1.0])
    assert meeting.beside(0) == ({}, {2: 0.25})
    assert meeting.beside(2) == ({0: 0.25, 1: 0.75}, {})


def test_a_leg_that_nothing_passes_has_no_composition():
    net, evidence = random_case(1)
    closed = net.legs.index[-1]
    cost = net.legs["cost"].where(net.legs.index != closed, np.inf)
    fit = opr.estimate_flows(net, evidence, cost=cost)
    assert fit.composition(closed).empty
    assert fit.composition(closed).columns.tolist() == [
        *("side", "place", "kind", "share", "flow_kg"),
    ]
    assert fit.select_link(closed).empty


def test_a_supply_of_zero_has_no_composition():
    net, evidence = random_case(1)
    evidence.supply["best_kg"] = 0.0
    fit = opr.estimate_flows(net, evidence)
    assert fit.composition("n01").empty
    assert fit.select_link(net.legs.index[0]).empty
    assert fit.routes.empty
    with pytest.raises(UnknownNameError):
        fit.composition("n99")


def test_names_that_are_not_known_come_with_the_nearest():
    fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    with pytest.raises(UnknownNameError, match="no leg 'IRN>TUR:lend'; did you mean 'IRN>TUR"):
        fit.composition("IRN>TUR:lend")
    with pytest.raises(UnknownNameError, match="no node 'Pakistann'; did you mean 'Pakistan'"):
        fit.composition("Pakistann")
    with pytest.raises(UnknownNameError, match="no leg leads from 'TUR' to 'TKM'; legs from there"):
        fit.composition("TUR", "TKM")
    with pytest.raises(UnknownNameError, match="no leg 'IRN'"):
        fit.select_link("IRN")
    with pytest.raises(UnknownNameError, match="give an id or a name as text"):
        fit.composition(7)


def test_a_name_that_a_person_would_type_is_found():
    fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    pd.testing.assert_frame_equal(
        fit.composition("iran", "Pakistan"), fit.composition("IRN", "PAK")
    )


def test_a_baseline_is_composed_as_if_flows_mixed():
    net, evidence = random_case(4, n_sources=2)
    fit = opr.estimate_flows(net, evidence, method="shortest_path")
    leg = fit.legs["flow_kg"].idxmax()
    for _, side in fit.composition(leg).groupby("side"):
        assert side["flow_kg"].sum() == pytest.approx(fit.legs.at[leg, "flow_kg"])
