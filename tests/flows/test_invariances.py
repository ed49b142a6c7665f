"""Case 8: what must not change the estimate, to 1e-12 of the supply."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import random_case

import opiateroutes as opr

SEEDS = st.integers(0, 10_000)
QUANTITIES = ["best_kg", "low_kg", "high_kg", "sd_kg"]
EXACT = 1e-12


def scaled(evidence, factor):
    tables = {}
    for name in ("supply", "demand", "seizures", "flows"):
        table = getattr(evidence, name).reset_index()
        table[QUANTITIES] = table[QUANTITIES] * factor
        if name == "flows":
            table = table.rename(columns={"from_nodes": "from_node", "to_nodes": "to_node"})
            table["row"] = table["row"].str.removeprefix("flow:")
        else:
            table = table.drop(columns="row")
        tables[name] = table
    return opr.Evidence.from_tables(**tables, priors=evidence.priors)


def assert_same(first, second, supply):
    assert np.abs(np.asarray(first) - np.asarray(second)).max() <= EXACT * supply


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sampled_from([1e-3, 1e3, 7.3]))
def test_units_do_not_matter(seed, factor):
    net, evidence = random_case(seed)
    kilograms = opr.estimate_flows(net, evidence)
    other = opr.estimate_flows(net, scaled(evidence, factor))
    assert_same(kilograms.arcs_kg, other.arcs_kg / factor, kilograms.supply_kg)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.floats(0.05, 0.95))
def test_cutting_a_leg_in_series_changes_no_flow(seed, share):
    net, evidence = random_case(seed)
    whole = opr.estimate_flows(net, evidence)
    # The first leg carries a published flow, the hardest case.
    cut = net.legs.index[0]
    legs = pd.DataFrame(net.legs.drop(columns="geometry")).reset_index()
    start, end, cost = legs.loc[0, ["from_node", "to_node", "cost"]]
    halves = pd.DataFrame(
        {
            "leg": [cut, "second half"],
            "from_node": [start, "half way"],
            "to_node": ["half way", end],
            "cost": [share * cost, (1 - share) * cost],
        }
    )
    nodes = pd.DataFrame({"node": [*net.nodes.index, "half way"]})
    finer = opr.RouteNetwork.from_tables(nodes, pd.concat([legs.drop(index=0), halves]))
    flows = evidence.flows.reset_index().rename(
        columns={"from_nodes": "from_node", "to_nodes": "to_node"}
    )
    flows["row"] = flows["row"].str.removeprefix("flow:")
    # The published flow between the two ends now leaves the start for either of two nodes.
    mask = (flows["from_node"] == start) & (flows["to_node"] == end)
    flows.loc[mask, "to_node"] = f"{end};half way"
    finer_evidence = opr.Evidence.from_tables(
        supply=evidence.supply.reset_index(drop=True),
        demand=evidence.demand.reset_index(drop=True),
        seizures=evidence.seizures.reset_index(drop=True),
        flows=flows,
        priors=evidence.priors,
    )
    fit = opr.estimate_flows(finer, finer_evidence)
    assert_same(fit.legs.loc[whole.legs.index, "flow_kg"], whole.legs["flow_kg"], whole.supply_kg)
    assert fit.legs.at[cut, "flow_kg"] == pytest.approx(
        fit.legs.at["second half", "flow_kg"], abs=EXACT * whole.supply_kg
    )


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_merging_parallel_legs_adds_their_flows(seed):
    net, evidence = random_case(seed)
    apart = opr.estimate_flows(net, evidence)
    legs = pd.DataFrame(net.legs.drop(columns="geometry"))
    weight = np.exp(-legs["cost"]).groupby([legs["from_node"], legs["to_node"]]).sum()
    merged = (-np.log(weight)).rename("cost").reset_index()
    single = opr.RouteNetwork.from_tables(pd.DataFrame({"node": net.nodes.index}), merged)
    fit = opr.estimate_flows(single, evidence)
    pairs = ["from_node", "to_node"]
    total = apart.legs.groupby(pairs)["flow_kg"].sum()
    assert_same(fit.legs.set_index(pairs)["flow_kg"].reindex(total.index), total, apart.supply_kg)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(seed, random):
    net, evidence = random_case(seed)
    before = opr.estimate_flows(net, evidence)
    ids = list(net.nodes.index)
    shuffled = ids[:]
    random.shuffle(shuffled)
    new = dict(zip(ids, (f"x{k}" for k in range(len(ids))), strict=True))
    new = {old: new[other] for old, other in zip(ids, shuffled, strict=True)}
    legs = pd.DataFrame(net.legs.drop(columns="geometry")).reset_index(names="leg")
    legs[["from_node", "to_node"]] = legs[["from_node", "to_node"]].replace(new)
    order = list(range(len(legs)))
    random.shuffle(order)
    renamed = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": list(new.values())}), legs.iloc[order]
    )
    tables = {
        name: getattr(evidence, name).reset_index(drop=True).replace({"node": new})
        for name in ("supply", "demand", "seizures")
    }
    flows = evidence.flows.reset_index(drop=True).replace({"from_nodes": new, "to_nodes": new})
    flows = flows.rename(columns={"from_nodes": "from_node", "to_nodes": "to_node"})
    other = opr.Evidence.from_tables(**tables, flows=flows, priors=evidence.priors)
    after = opr.estimate_flows(renamed, other)
    assert_same(
        after.legs["flow_kg"].loc[before.legs.index], before.legs["flow_kg"], before.supply_kg
    )


def test_same_input_gives_the_same_numbers():
    first, second = (opr.estimate_flows(*random_case(3)) for _ in range(2))
    pd.testing.assert_frame_equal(first.legs, second.legs, check_exact=True)
    assert first.provenance == second.provenance
