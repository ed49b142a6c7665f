"""Any graph and any evidence: flows with a certificate, or an error of the library."""

import itertools
import warnings

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import opiateroutes as opr
from opiateroutes.errors import OpiateRoutesError

NAMES = [f"n{k}" for k in range(7)]

costs = st.one_of(
    st.floats(0.0, 6.0), st.floats(0.0, 400.0), st.sampled_from([0.0, 1e-9, np.log(2.0), np.inf])
)
relative_sds = st.sampled_from([0.0, 1e-3, 0.1, 0.5, 3.0])
positive = st.floats(1e-3, 10.0)
amounts = st.one_of(positive, positive, st.just(0.0))


@st.composite
def networks(draw):
    """A chain that is open, nearly always, and any legs beside it: loops, parallel, closed."""
    nodes = NAMES[: draw(st.integers(1, 7))]
    usual = st.floats(0.5, 5.0)
    legs = [(a, b, draw(usual)) for a, b in itertools.pairwise(nodes)]
    pairs = st.tuples(
        st.sampled_from(nodes), st.sampled_from(nodes), st.one_of(usual, usual, costs)
    )
    legs += draw(st.lists(pairs, max_size=8))
    if draw(st.integers(0, 9)) == 0:
        legs = legs[1:]
    frame = pd.DataFrame(legs, columns=["from_node", "to_node", "cost"])
    frame["leg"] = [f"e{k}" for k in range(len(frame))]
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": nodes}), frame), nodes


@st.composite
def evidence_on(draw, nodes, scale):
    def table(chosen, kilograms):
        best = [draw(kilograms) * scale for _ in chosen]
        sd = [kg * draw(relative_sds) for kg in best]
        return pd.DataFrame({"node": chosen, "best_kg": best, "sd_kg": sd})

    def some(least):
        return draw(st.lists(st.sampled_from(nodes), min_size=least, unique=True, max_size=4))

    flows = draw(st.booleans())
    ends = (draw(st.sampled_from([*nodes, "*"])), draw(st.sampled_from(nodes)))
    kg = draw(amounts) * scale
    return opr.Evidence.from_tables(
        # A supply of zero has tests of its own.
        supply=table(nodes[: draw(st.integers(1, 2))], positive),
        demand=table(some(1), amounts),
        seizures=table(some(0), amounts),
        flows=pd.DataFrame(
            {"from_node": [ends[0]], "to_node": [ends[1]], "best_kg": [kg], "sd_kg": [0.2 * kg]}
        )
        if flows
        else None,
        outside=draw(st.sampled_from(["error", "skip"])),
    )


@settings(
    max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(st.data())
def test_a_certified_result_or_an_error_with_a_name(data):
    scale = data.draw(st.sampled_from([1e-9, 1.0, 1e6, 1e15]))
    try:
        net, nodes = data.draw(networks())
        evidence = data.draw(evidence_on(nodes, scale))
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            fit = opr.estimate_flows(net, evidence)
    except OpiateRoutesError:
        return
    flows = fit.legs["flow_kg"].to_numpy()
    assert np.isfinite(flows).all()
    assert (flows >= 0).all()
    assert (fit.arcs_kg >= 0).all()
    assert fit.certificate.gap <= 1e-10
    assert fit.certificate.balance <= 1e-9
    leaves = fit.nodes[["consumption_kg", "seizure_kg", "unaccounted_kg"]].to_numpy().sum()
    assert abs(leaves - fit.supply_kg) <= 1e-8 * fit.supply_kg
    assert (fit.legs["low_kg"] <= flows * (1 + 1e-9)).all()
    assert (flows <= fit.legs["high_kg"] * (1 + 1e-9)).all()
