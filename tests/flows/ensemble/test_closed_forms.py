"""Draws against distributions that are known on paper, and against intervals to first order."""

import numpy as np
import pandas as pd
import pytest
from instances import random_case
from scipy.special import expit, ndtri
from small_ensembles import all_of_it_arrives, figures, fixed_priors, network, two_routes

import opiateroutes as opr
from opiateroutes.evidence.parameters import Z90


def test_the_split_of_two_routes_is_a_logistic_normal():
    # Four legs have a noise of their own: the difference of the two routes has twice the spread.
    gap, sd = 0.6, 0.7
    net, evidence = two_routes(gap), all_of_it_arrives()
    ens = opr.sample_flows(net, evidence, draws=4096, structural_sd=sd, n_effective=1e9)
    leg = ens.legs.loc["s>a:leg"]
    low, median, high = 100 * expit(gap + 2 * sd * np.array([-Z90, 0.0, Z90]))
    assert (leg["low_kg"], leg["median_kg"], leg["high_kg"]) == (
        pytest.approx(low, abs=0.3),
        pytest.approx(median, abs=0.3),
        pytest.approx(high, abs=0.3),
    )
    even = ndtri((np.arange(100_000) + 0.5) / 100_000)
    split = 100 * expit(gap + 2 * sd * even)
    assert leg["mean_kg"] == pytest.approx(split.mean(), abs=0.1)
    assert leg["sd_kg"] == pytest.approx(split.std(), rel=0.01)
    assert (ens.supply_kg == 100.0).all()


def observed(sd, n_effective=30.0):
    """Two routes, of which one was observed: 40 of 100 kg."""
    flows = pd.DataFrame({"from_node": ["s"], "to_node": ["a"], "best_kg": [40.0], "sd_kg": [sd]})
    evidence = all_of_it_arrives(flows=flows)
    return opr.sample_flows(
        two_routes(), evidence, draws=2048, structural_sd=0.02, n_effective=n_effective
    )


def test_a_draw_weighs_prior_and_figure_as_normal_distributions_do():
    # Near one half: prior variance p (1 - p) / N, so that the figure draws with this weight.
    sd, n = 2.0, 1000.0
    ens = observed(sd, n)
    flow = ens.leg_draws_kg("s>a:leg")
    p = ens.fit.legs.at["s>a:leg", "flow_kg"] / 100
    prior, figure = p * (1 - p) / n, (sd / 100) ** 2
    weight = prior / (prior + figure)
    own = weight * sd / 100
    # The prior varies by the chance in its shipments and by the noise of four legs.
    noise = (1 - weight) * np.hypot(np.sqrt(prior), p * (1 - p) * 2 * 0.02)
    assert flow.std() == pytest.approx(100 * np.hypot(own, noise), rel=0.03)
    assert flow.mean() == pytest.approx(100 * p, abs=0.1)
    low, high = np.quantile(flow, [0.05, 0.95])
    assert high - low == pytest.approx(2 * Z90 * 100 * np.hypot(own, noise), rel=0.04)


def small_spreads(seed, relative_sd):
    """A random problem in which all is known well and agrees, with a prior of many shipments."""
    net, evidence = random_case(seed)
    met = opr.estimate_flows(net, evidence).residuals["estimate_kg"]
    tables = {}
    for name in ("supply", "demand", "seizures", "flows"):
        rows = getattr(evidence, name)
        best = met.reindex(rows.index)
        rows = rows.assign(best_kg=best, sd_kg=best * relative_sd).reset_index()
        tables[name] = rows.drop(columns=["low_kg", "high_kg"])
    tables["supply"]["sd_kg"] = 0.01 * tables["supply"]["best_kg"]
    tables["flows"]["row"] = tables["flows"]["row"].str.removeprefix("flow:")
    return net, opr.Evidence.from_tables(**tables, priors=fixed_priors())


@pytest.mark.parametrize("relative_sd", [0.001, 0.02])
@pytest.mark.parametrize("seed", [1, 3, 5])
def test_small_spreads_are_those_to_first_order(seed, relative_sd):
    net, evidence = small_spreads(seed, relative_sd)
    options = {"structural_sd": 0.05, "n_effective": 1e6}
    ens = opr.sample_flows(net, evidence, draws=2048, **options)
    fit = ens.fit
    moved = fit.legs["flow_kg"] > 1e-3 * fit.supply_kg
    first = np.log(fit.legs["high_kg"] / fit.legs["low_kg"])[moved]
    drawn = np.log(ens.legs["high_kg"] / ens.legs["low_kg"])[moved]
    assert (drawn / first).to_numpy() == pytest.approx(np.ones(moved.sum()), abs=0.1)
    middle = ens.legs["median_kg"] / fit.legs["flow_kg"]
    assert middle[moved].to_numpy() == pytest.approx(np.ones(moved.sum()), abs=0.02)
    # The evidence counts: where it says most, the spread is less than that of the costs alone.
    if relative_sd < 0.01:
        assert fit.legs["leverage"].max() > 0.4


def test_sobol_points_and_independent_ones_have_the_same_means():
    net, evidence = random_case(7)
    several = {
        points: opr.sample_flows(net, evidence, draws=2048, rng=11, points=points, n_effective=1e4)
        for points in ("sobol", "independent")
    }
    sobol, independent = several["sobol"].legs, several["independent"].legs
    error = independent["sd_kg"] / np.sqrt(2048)
    apart = (sobol["mean_kg"] - independent["mean_kg"]).abs()
    assert (apart <= 4.0 * error + 1e-9).all()
    large = sobol["mean_kg"] > 0.02 * several["sobol"].fit.supply_kg
    assert (sobol["sd_kg"] / independent["sd_kg"])[large].between(0.85, 1.15).all()


def test_means_of_sobol_points_are_closer_to_the_truth():
    net, evidence = random_case(7)
    options = {"n_effective": 1e4}
    truth = opr.sample_flows(net, evidence, draws=16_384, rng=100, **options).legs["mean_kg"]
    errors = {}
    for points in ("sobol", "independent"):
        found = [
            opr.sample_flows(net, evidence, draws=512, rng=k, points=points, **options).legs[
                "mean_kg"
            ]
            for k in range(8)
        ]
        errors[points] = np.mean([((f - truth) ** 2).sum() for f in found])
    assert errors["sobol"] < errors["independent"] / 5


def test_supply_is_lognormal_between_its_bounds_and_reaches_the_legs():
    evidence = opr.Evidence.from_tables(
        supply=figures(s=(100.0, 20.0)), demand=figures(d=(80.0, 30.0)), priors=fixed_priors()
    )
    ens = opr.sample_flows(network(("s", "d", 2.0)), evidence, draws=4096)
    fit, leg = ens.fit, ens.legs.iloc[0]
    assert (leg["low_kg"], leg["high_kg"]) == (
        pytest.approx(fit.supply_low_kg, rel=0.005),
        pytest.approx(fit.supply_high_kg, rel=0.005),
    )
    assert leg["median_kg"] == pytest.approx(100.0, rel=0.002)
