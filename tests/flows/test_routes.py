import itertools

import numpy as np
import pytest
from instances import random_case

import opiateroutes as opr
from opiateroutes.flows.kernel.measure import CONSUMPTION


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
