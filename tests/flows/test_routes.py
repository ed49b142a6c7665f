import itertools

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from instances import random_case

import opiateroutes as opr
from opiateroutes.evidence.parameters import Z90
from opiateroutes.flows.kernel.measure import CONSUMPTION
from opiateroutes.flows.reading.spread import interval


def all_routes(fit, longest):
    """Every route up to a length, by brute force."""
    measure, arcs = fit.measure, fit.arcs_kg
    n, m = measure.n_nodes, len(measure.legs)
    through = np.bincount(measure.arc_tail, arcs, n)
    move, stop = np.zeros((n, n)), np.zeros(n)
    np.add.at(move, (measure.tail, measure.head), arcs[:m] / through[measure.tail])
    consumed = measure.exit_kind == CONSUMPTION
    np.add.at(
        stop,
        measure.exit_node[consumed],
        arcs[m:][consumed] / through[measure.exit_node[consumed]],
    )
    start = measure.supply_kg / measure.supply_kg.sum()
    found = {}
    for length in range(1, longest + 1):
        for path in itertools.product(range(n), repeat=length):
            p = start[path[0]] * stop[path[-1]]
            for i, j in itertools.pairwise(path):
                p *= move[i, j]
            if p > 0:
                found[">".join(measure.nodes[k] for k in path)] = p
    return found


@pytest.mark.parametrize("seed", range(5))
def test_likely_routes_are_the_most_likely_ones_in_order(seed):
    net, evidence = random_case(seed, n_nodes=5)
    fit = opr.estimate_flows(net, evidence)
    routes = fit.likely_routes(6)
    brute = sorted(all_routes(fit, 6).items(), key=lambda item: -item[1])[:6]
    assert routes["probability"].tolist() == pytest.approx([p for _, p in brute])
    assert set(routes["nodes"]) == {name for name, _ in brute}
    assert routes["flow_kg"].tolist() == pytest.approx(
        (routes["probability"] * fit.supply_kg).tolist()
    )


def test_many_routes_add_up_to_what_is_consumed():
    net, evidence = random_case(1, n_nodes=4)
    fit = opr.estimate_flows(net, evidence)
    total = fit.likely_routes(3000)["flow_kg"].sum()
    assert total == pytest.approx(fit.nodes["consumption_kg"].sum(), rel=1e-3)


def test_the_shipped_estimate_has_fifty_routes_out_of_afghanistan():
    fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    assert len(fit.routes) == 50
    assert set(fit.routes["start"]) == {"AFG"}
    assert fit.routes["probability"].is_monotonic_decreasing


def route_variance(fit):
    """Variance of the flow of each route, kg squared, as its interval has it."""
    routes = fit.likely_routes(8).set_index("nodes")
    log_sd = np.log(routes["high_kg"] / routes["flow_kg"]) / Z90
    return np.expm1(log_sd**2) * routes["flow_kg"] ** 2


@pytest.mark.parametrize("seed", range(3))
def test_structural_variance_of_routes_is_that_of_finite_differences(seed):
    net, evidence = random_case(seed, n_nodes=5)
    noisy, still = (opr.estimate_flows(net, evidence, structural_sd=sd) for sd in (0.3, 0.0))
    found = route_variance(noisy) - route_variance(still)
    expected = 0.0
    for leg in net.legs.index:
        sides = [
            opr.estimate_flows(
                net, evidence, cost=net.legs["cost"] + step * (net.legs.index == leg)
            )
            .likely_routes(60)
            .set_index("nodes")["flow_kg"][found.index]
            for step in (1e-4, -1e-4)
        ]
        expected = expected + (0.3 * (sides[0] - sides[1]) / 2e-4) ** 2
    assert found.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-3, abs=1e-4)


def test_the_only_route_to_a_market_is_as_sure_as_what_is_consumed_there():
    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": list("abc")}),
        pd.DataFrame({"from": ["a", "a"], "to": ["b", "c"], "cost": [1.0, 2.0]}),
    )
    evidence = opr.Evidence.from_tables(
        supply=pd.DataFrame({"node": ["a"], "kg": [100.0], "sd_kg": [20.0]}),
        demand=pd.DataFrame({"node": ["b", "c"], "kg": [60.0, 30.0], "sd_kg": [9.0, 20.0]}),
    )
    fit = opr.estimate_flows(net, evidence)
    routes = fit.routes.set_index("end")
    measure = fit.measure
    for k, place in enumerate(measure.exit_place):
        if measure.exit_kind[k] == CONSUMPTION:
            arc = len(measure.legs) + k
            sd = fit.spread.sd_kg(sp.csr_array(np.eye(measure.n_arcs)[[arc]]))
            low, high = interval(fit.arcs_kg[[arc]], sd)
            assert routes.at[place, "low_kg"] == pytest.approx(low[0])
            assert routes.at[place, "high_kg"] == pytest.approx(high[0])


def test_routes_of_a_baseline_have_no_intervals():
    net, evidence = random_case(1)
    for method in ("shortest_path", "least_squares"):
        routes = opr.estimate_flows(net, evidence, method=method).routes
        assert routes[["low_kg", "high_kg"]].isna().all(axis=None)
        assert (routes["flow_kg"] > 0).all()
