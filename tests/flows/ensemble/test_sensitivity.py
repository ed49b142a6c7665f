"""Which inputs drive a spread: known answers."""

import numpy as np
import pandas as pd
import pytest
from small_ensembles import figures, fixed_priors, network, two_routes

import opiateroutes as opr
from opiateroutes.flows.ensemble.sensitivity import first_order


def numbers(draws=8192, inputs=5):
    return np.random.default_rng(0).standard_normal((draws, inputs))


def test_shares_of_a_linear_case_are_those_of_the_variances_and_add_up_to_one():
    z = numbers()
    share = first_order([z], z @ [1.0, 2.0, 3.0, 0.0, 0.5])
    exact = np.array([1.0, 4.0, 9.0, 0.0, 0.25]) / 14.25
    assert share == pytest.approx(exact, abs=0.02)
    assert share.sum() == pytest.approx(1.0, abs=0.03)


def test_a_curved_effect_counts_as_one_of_its_input():
    z = numbers()
    share = first_order([z], z[:, 0] + (z[:, 1] ** 2 - 1) / np.sqrt(2) + z[:, 2] * z[:, 3])
    # The last two act only together: no share of the first order.
    assert share == pytest.approx([1 / 3, 1 / 3, 0.0, 0.0, 0.0], abs=0.03)


def test_blocks_of_numbers_make_no_difference():
    z = numbers(1000)
    values = np.exp(z[:, 0]) + z[:, 1]
    blocks = [z[:256], z[256:700], z[700:]]
    assert first_order(blocks, values) == pytest.approx(first_order([z], values), abs=1e-12)


def test_what_does_not_vary_has_no_drivers():
    assert first_order([numbers(100)], np.full(100, 7.0)).tolist() == [0.0] * 5


def test_chance_alone_gives_next_to_nothing():
    z = numbers(4096, 300)
    share = first_order([z], np.random.default_rng(9).standard_normal(4096))
    assert share.max() < 0.01
    assert share.sum() < 0.15


def chain(**demand):
    net = network(("s", "a", 2.0), ("a", "d", 2.0))
    return net, opr.Evidence.from_tables(
        supply=figures(s=(100.0, 30.0)), demand=figures(**demand), priors=fixed_priors()
    )


def test_the_supply_drives_a_leg_that_everything_passes():
    ens = opr.sample_flows(*chain(d=(80.0, 5.0)), draws=2048, points="independent")
    table = ens.sensitivity("s>a:leg")
    assert table.index[0] == "supply:s"
    assert table["kind"].iloc[0] == "supply"
    assert table["share"].iloc[0] == pytest.approx(1.0, abs=0.05)
    assert table["share"].iloc[1:].max() < 0.02
    assert table.index.name == "input"


def test_the_two_legs_of_each_route_drive_its_share_alike():
    evidence = opr.Evidence.from_tables(
        supply=figures(s=100.0), demand=figures(d=100.0), priors=fixed_priors()
    )
    ens = opr.sample_flows(
        two_routes(),
        evidence,
        draws=8192,
        points="independent",
        structural_sd=0.1,
        n_effective=1e9,
    )
    table = ens.sensitivity("s>a:leg")
    legs = table[table["kind"] == "leg"]["share"]
    assert legs.to_numpy() == pytest.approx(np.full(4, 0.25), abs=0.03)
    assert table["share"].sum() == pytest.approx(1.0, abs=0.04)
    assert ens.sensitivity("s>a:leg", top=2).shape == (2, 2)


def test_a_sharp_figure_drives_the_leg_that_it_is_about():
    flows = pd.DataFrame({"from_node": ["s"], "to_node": ["a"], "best_kg": [50.0], "sd_kg": [4.0]})
    evidence = opr.Evidence.from_tables(
        supply=figures(s=100.0), demand=figures(d=100.0), flows=flows, priors=fixed_priors()
    )
    ens = opr.sample_flows(
        two_routes(), evidence, draws=4096, points="independent", structural_sd=0.05, n_effective=1
    )
    table = ens.sensitivity("s>a:leg", top=1)
    assert table.index.tolist() == ["flow:s>a"]
    assert table["share"].iloc[0] == pytest.approx(1.0, abs=0.06)


def test_sobol_points_are_refused():
    ens = opr.sample_flows(*chain(d=(80.0, 5.0)), draws=16)
    with pytest.raises(ValueError, match="points='independent'"):
        ens.sensitivity("s>a:leg")


def test_draws_that_were_taken_again_count_with_the_numbers_they_have():
    legs = [("s", "a", 2.0), ("a", "b", 0.5), ("b", "a", 0.5), ("b", "d", 2.0)]
    evidence = opr.Evidence.from_tables(
        supply=figures(s=(100.0, 20.0)), demand=figures(d=(80.0, 9.0)), priors=fixed_priors()
    )
    ens = opr.sample_flows(network(*legs), evidence, draws=600, points="independent")
    again = np.flatnonzero(ens.attempts)
    assert len(again) > 5
    found = np.concatenate(list(ens.numbers()))
    assert found.shape == (600, len(ens.plan.inputs))
    _, supply = ens.plan.inputs.problem(found.T)
    assert ens.supply_kg == pytest.approx(supply, rel=1e-12)
