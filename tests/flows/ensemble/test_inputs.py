"""What numbers drawn for inputs do to the problem: each changes what it should, nothing else."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from instances import random_case, with_ratios
from small_ensembles import figures, fixed_priors, inputs_of, moved, network, two_routes

import opiateroutes as opr
from opiateroutes.data import read_evidence_table
from opiateroutes.evidence.priors import bounds_of
from opiateroutes.flows.binding.bind import bind
from opiateroutes.flows.binding.costs import leg_costs
from opiateroutes.flows.ensemble.distributions import (
    beta_between,
    lognormal_between,
    pert_between,
)

Z = 0.8


@pytest.fixture(scope="module")
def shipped():
    net, evidence = opr.load_network(), opr.load_evidence(2010)
    return (net, evidence, *inputs_of(net, evidence))


@pytest.fixture(scope="module")
def base(shipped):
    return moved(shipped[3])


def change_of_weights(inputs, base, **numbers):
    """Change of the log weights of all arcs from those at numbers of 0."""
    return (moved(inputs, **numbers)[0].log_weight - base[0].log_weight)[:, 0]


def of_kind(inputs, prefix):
    return [name for name in inputs.names if name.startswith(prefix)]


@pytest.mark.parametrize("year", [2008, 2010])
@pytest.mark.parametrize("commodities", [None, ("opium", "heroin")])
def test_every_input_is_named_once(year, commodities):
    evidence = opr.load_evidence(year, commodities=commodities)
    fit, inputs = inputs_of(opr.load_network(), evidence, commodities=commodities)
    assert len(set(inputs.names)) == len(inputs.names) == len(inputs)
    bound = fit.conditioned.bound
    assert set(bound.rows.names) <= set(inputs.names)
    assert {f"leg:{leg}" for leg in bound.measure.legs} <= set(inputs.names)
    assert "supply:AFG" in inputs.names or commodities
    assert of_kind(inputs, "interception_prior:")
    assert {n.partition(":")[0] for n in inputs.names} <= {
        *("supply", "cause", "cost", "demand", "seizure", "flow", "leg", "shipments"),
        *("interception_prior", "consumption_weight", "unaccounted_weight"),
    }


def test_numbers_of_zero_without_any_spread_are_the_problem_of_the_estimate():
    net, evidence = random_case(3)
    tables = {
        name: getattr(evidence, name).assign(sd_kg=0.0) for name in ("supply", "demand", "seizures")
    }
    tables["flows"] = evidence.flows.iloc[:0]
    sure = dataclasses.replace(evidence, **tables, priors=fixed_priors().set_index("node"))
    kept = dataclasses.replace(sure, demand=evidence.demand, seizures=evidence.seizures)
    fit, inputs = inputs_of(net, kept, structural_sd=0.0)
    problem, supply = moved(inputs)
    own = fit.conditioned.problem
    assert supply.tolist() == pytest.approx([fit.supply_kg], rel=1e-15)
    assert problem.supply == pytest.approx(own.supply, rel=1e-15)
    assert problem.variance == pytest.approx(own.variance, rel=1e-14)
    assert problem.log_weight[:, 0] == pytest.approx(fit.measure.centred, abs=1e-13)


def test_numbers_of_zero_shift_figures_and_legs_by_what_keeps_their_means(shipped):
    _, _, fit, inputs = shipped
    problem, supply = moved(inputs)
    own, rows = fit.conditioned.problem, fit.conditioned.bound.rows
    assert supply[0] == pytest.approx(fit.supply_kg)
    log_sd2 = np.log1p((rows.sd_kg / rows.target_kg) ** 2)
    assert problem.target[:, 0] == pytest.approx(own.target[:, 0] * np.exp(-log_sd2 / 2), rel=1e-12)
    assert problem.variance == pytest.approx(own.variance)
    # What is left of the legs is that the medians of skewed inputs are not their best estimates.
    medians = np.zeros(len(fit.measure.centred))
    medians += inputs.effect[:, : len(inputs.effects)] @ [
        _effect(inputs, effect) for effect in inputs.effects
    ]
    m = len(fit.measure.legs)
    shift = np.where(np.arange(len(medians)) < m, -0.5 * 0.7**2, 0.0)
    assert problem.log_weight[:, 0] == pytest.approx(fit.measure.centred + shift + medians)


def _effect(inputs, effect):
    value = inputs.curves[effect.curve](np.zeros(1))[0]
    scale = {"value": lambda v: v, "log": np.log, "log_rest": lambda v: np.log1p(-v)}
    return scale[effect.kind](value) - effect.base


def test_a_supply_alone_changes_its_own_share():
    net, evidence = random_case(5, n_sources=2)
    fit, inputs = inputs_of(net, evidence)
    before, total = moved(inputs)
    name = inputs.names[1]
    after, larger = moved(inputs, **{name: Z})
    best, sd = inputs.supply_kg[1], evidence.supply["sd_kg"].iloc[1]
    drawn = best * np.exp(Z * np.sqrt(np.log1p((sd / best) ** 2)))
    assert larger[0] - total[0] == pytest.approx(drawn - best)
    assert after.supply[:, 0] * larger[0] == pytest.approx([inputs.supply_kg[0], drawn])
    assert after.target * larger == pytest.approx(before.target * total)
    assert after.variance * larger**2 == pytest.approx(before.variance * total**2)
    assert (after.log_weight == before.log_weight).all()
    assert fit.measure.nodes[fit.measure.sources].tolist() == [
        n.removeprefix("supply:") for n in inputs.names[:2]
    ]


def test_a_figure_alone_changes_its_own_target(shipped, base):
    _, _, fit, inputs = shipped
    rows = fit.conditioned.bound.rows
    causes = pd.Series(0.0, index=rows.names)
    causes.loc[:] = (inputs.shared**2).sum(axis=1)
    for name in ("demand:DEU", "seizure:IRN", *of_kind(inputs, "flow:")[:1]):
        problem, supply = moved(inputs, **{name: Z})
        changed = np.flatnonzero(problem.target[:, 0] != base[0].target[:, 0])
        assert rows.names[changed].tolist() == [name]
        k = changed[0]
        own = np.sqrt(np.log1p((rows.sd_kg[k] / rows.target_kg[k]) ** 2) - causes[name])
        ratio = problem.target[k, 0] / base[0].target[k, 0]
        assert ratio == pytest.approx(np.exp(own * Z))
        assert supply == base[1]
        assert (problem.log_weight == base[0].log_weight).all()


def test_a_coefficient_alone_does_what_the_cost_model_does_with_it(shipped, base, monkeypatch):
    net, evidence, fit, inputs = shipped
    table = read_evidence_table("costs").set_index("feature")
    names = of_kind(inputs, "cost:")
    assert set(names) == {f"cost:{f}" for f in table.index[table["low"] < table["high"]]}
    for name in names:
        feature = name.removeprefix("cost:")
        low, best, high = table.loc[feature, ["low", "best", "high"]].astype("float64")
        value, median = pert_between(low, best, high)(np.array([Z, 0.0]))
        costs = []
        for x in (median, value):
            changed = table.copy()
            changed.loc[feature, "best"] = x
            monkeypatch.setattr(
                "opiateroutes.flows.binding.costs.read_evidence_table",
                lambda _, changed=changed: changed.reset_index(),
            )
            costs.append(leg_costs(net, None, {"AFG"})[0])
        weights = [bind(net, evidence, cost).measure.log_weight for cost in costs]
        assert change_of_weights(inputs, base, **{name: Z}) == pytest.approx(
            weights[1] - weights[0], abs=1e-12
        )
    assert len(fit.measure.log_weight) == len(weights[0])


def bound_with(net, evidence, costs, column, *, node, value):
    priors = evidence.priors.copy()
    if node is not None and node not in priors.index:
        priors.loc[node] = priors.loc["*"]
    chosen = slice(None) if node is None else node
    priors.loc[chosen, [column, f"{column}_low", f"{column}_high"]] = value
    changed = dataclasses.replace(evidence, priors=priors)
    return bind(net, changed, costs).measure.log_weight


def test_a_prior_rate_alone_does_what_binding_it_does(shipped, base):
    net, evidence, fit, inputs = shipped
    costs = leg_costs(net, None, {"AFG"})[0]
    seized = set(fit.conditioned.bound.exits.place[fit.conditioned.bound.exits.kind == "seizure"])
    assert {n.partition(":")[2] for n in of_kind(inputs, "interception_prior:")} == seized
    for node in ("IRN", "TJK", "TUR"):
        curve = beta_between(*bounds_of(evidence.priors, "interception", node))
        rates = curve(np.array([0.0, Z]))
        before, after = (
            bound_with(net, evidence, costs, "interception", node=node, value=rate)
            for rate in rates
        )
        change = change_of_weights(inputs, base, **{f"interception_prior:{node}": Z})
        assert change == pytest.approx(after - before, abs=1e-12)
        assert np.count_nonzero(change) > 2


@pytest.mark.parametrize("column", ["consumption_weight", "unaccounted_weight"])
def test_a_weight_alone_does_what_binding_it_does(shipped, base, column):
    net, evidence, _, inputs = shipped
    costs = leg_costs(net, None, {"AFG"})[0]
    curve = lognormal_between(*bounds_of(evidence.priors, column, "*"))
    weights = [
        bound_with(net, evidence, costs, column, node=None, value=value)
        for value in curve(np.array([0.0, Z]))
    ]
    (name,) = of_kind(inputs, column)
    change = change_of_weights(inputs, base, **{name: Z})
    assert change == pytest.approx(weights[1] - weights[0], abs=1e-12)


def test_places_with_weights_of_their_own_have_an_input_of_their_own():
    net = two_routes()
    priors = pd.DataFrame(
        {"node": ["*", "a"], "consumption_weight": [10.0, 3.0]}
        | {"consumption_weight_low": [2.0, 1.0], "consumption_weight_high": [50.0, 9.0]}
    )
    evidence = opr.Evidence.from_tables(
        supply=figures(s=100.0), demand=figures(a=(20.0, 5.0), d=(60.0, 5.0)), priors=priors
    )
    fit, inputs = inputs_of(net, evidence)
    names = of_kind(inputs, "consumption_weight")
    assert names == ["consumption_weight:1", "consumption_weight:2"]
    m, base = len(fit.measure.legs), moved(inputs)
    places = fit.conditioned.bound.exits.place
    consumed = fit.conditioned.bound.exits.kind == "consumption"
    for name, place in zip(names, ("a", "d"), strict=True):
        change = change_of_weights(inputs, base, **{name: Z})
        assert np.flatnonzero(change).tolist() == [
            m + k for k in np.flatnonzero(consumed & (places == place))
        ]


def test_the_noise_of_a_leg_is_its_own(shipped, base):
    _, _, fit, inputs = shipped
    legs = fit.measure.legs
    for leg in ("AFG>IRN:land", "IRN>TUR:land"):
        change = change_of_weights(inputs, base, **{f"leg:{leg}": Z})
        assert change[: len(legs)] == pytest.approx(np.where(legs == leg, -0.7 * Z, 0.0), abs=1e-12)
        assert not change[len(legs) :].any()


def test_noise_keeps_the_mean_weight_of_every_leg():
    net, evidence = random_case(2)
    sure = dataclasses.replace(evidence, priors=fixed_priors().set_index("node"))
    fit, inputs = inputs_of(net, sure, structural_sd=0.7)
    z = np.zeros((len(inputs), 40_001))
    even = np.linspace(-8, 8, 40_001)
    z[inputs.names.index(of_kind(inputs, "leg:")[-1])] = even
    density = np.exp(-0.5 * even**2) / np.exp(-0.5 * even**2).sum()
    log = inputs.problem(z)[0].log_weight[: len(fit.measure.legs)]
    mean = np.exp(log - fit.measure.centred[: len(log), None]) @ density
    noisy = np.ptp(log, axis=1) > 0
    assert noisy.sum() == 1
    assert mean[noisy] == pytest.approx(1.0)
    assert mean[~noisy] == pytest.approx(np.exp(-0.5 * 0.7**2))


def test_chance_in_the_shipments_moves_the_choice_at_a_node_and_not_what_it_draws(shipped, base):
    _, _, fit, inputs = shipped
    measure = fit.measure
    chance = inputs.chance
    assert measure.arcs_at_nodes @ chance == pytest.approx(np.ones(measure.n_nodes))
    leg = np.flatnonzero(measure.legs == "AFG>IRN:land")[0]
    change = change_of_weights(inputs, base, **{"shipments:AFG>IRN:land": Z})
    here = measure.arc_tail == measure.tail[leg]
    assert not change[~here].any()
    assert (chance * np.exp(change))[here].sum() == pytest.approx(1.0)
    others = np.flatnonzero(here & (np.arange(len(change)) != leg))
    assert np.ptp(change[others]) == pytest.approx(0.0, abs=1e-12)
    carried = 30.0 * fit.legs.at["AFG>IRN:land", "flow_kg"] / fit.supply_kg
    assert change[leg] - change[others[0]] == pytest.approx(Z * np.sqrt(np.log1p(1 / carried)))


@pytest.mark.parametrize("ratios", [False, True])
def test_drawn_figures_are_on_average_what_was_published(ratios):
    net, evidence = random_case(1)
    if ratios:
        evidence = with_ratios(evidence, 1)
    fit, inputs = inputs_of(net, evidence)
    rows = fit.conditioned.bound.rows
    z = np.random.default_rng(0).standard_normal((len(inputs), 20_000))
    problem, supply = inputs.problem(z)
    drawn = problem.target * supply
    error = drawn.std(axis=1) / np.sqrt(z.shape[1])
    assert (np.abs(drawn.mean(axis=1) - rows.target_kg) < 4.5 * error).all()
    figure = rows.target_kg > 0
    log_sd = np.sqrt(np.log1p((rows.sd_kg[figure] / rows.target_kg[figure]) ** 2))
    assert np.log(drawn[figure]).std(axis=1) == pytest.approx(log_sd, rel=0.03)
    assert drawn[~figure].std(axis=1) == pytest.approx(rows.sd_kg[~figure], rel=0.03)
    assert np.median(supply) == pytest.approx(fit.supply_kg, rel=0.01)


def sharing(relative_sd, *, of=("a", "b", "d")):
    """Three figures, known within 20 %, of which some share a cause."""
    net = network(("s", "a", 2.0), ("s", "b", 2.0), ("a", "d", 2.0))
    shared = pd.DataFrame({"row": [f"demand:{n}" for n in of], "cause": "grams"})
    evidence = opr.Evidence.from_tables(
        supply=figures(s=(100.0, 10.0)),
        demand=figures(a=(20.0, 4.0), b=(30.0, 6.0), d=(10.0, 2.0)),
        shared=shared.assign(relative_sd=relative_sd),
    )
    inputs = inputs_of(net, evidence)[1]
    z = np.random.default_rng(1).standard_normal((len(inputs), 20_000))
    problem, supply = inputs.problem(z)
    drawn = pd.DataFrame((problem.target * supply).T, columns=inputs.rows.names)
    return inputs, drawn[["demand:a", "demand:b", "demand:d"]]


def test_a_shared_cause_moves_its_figures_together_and_no_others():
    inputs, drawn = sharing(0.15, of=("a", "b"))
    correlation = np.log(drawn).corr()
    expected = np.log1p(0.15**2) / np.log1p(0.2**2)
    assert correlation.loc["demand:a", "demand:b"] == pytest.approx(expected, abs=0.02)
    assert correlation.loc["demand:a", "demand:d"] == pytest.approx(0.0, abs=0.03)
    assert "cause:grams" in inputs.names


@pytest.mark.parametrize("relative_sd", [0.0, 0.05, 0.2, 0.9, 50.0])
def test_a_shared_cause_never_widens_a_figure(relative_sd):
    inputs, drawn = sharing(relative_sd)
    assert drawn.mean().tolist() == pytest.approx([20.0, 30.0, 10.0], rel=0.01)
    assert drawn.std().tolist() == pytest.approx([4.0, 6.0, 2.0], rel=0.04)
    if relative_sd >= 0.2:
        assert np.log(drawn).corr().to_numpy() == pytest.approx(np.ones((3, 3)), abs=1e-12)
        assert inputs.own_log_sd[:3] == pytest.approx(np.zeros(3), abs=1e-7)


def test_several_causes_share_the_spread_that_there_is():
    net = network(("s", "a", 2.0), ("s", "b", 2.0))
    shared = pd.DataFrame(
        [("demand:a", "one", 0.4), ("demand:a", "two", 0.3), ("demand:b", "two", 0.3)],
        columns=["row", "cause", "relative_sd"],
    )
    evidence = opr.Evidence.from_tables(
        supply=figures(s=100.0), demand=figures(a=(40.0, 10.0), b=(40.0, 40.0)), shared=shared
    )
    inputs = inputs_of(net, evidence)[1]
    log_var = (inputs.shared**2).sum(axis=1)
    at = {name: k for k, name in enumerate(inputs.rows.names)}
    assert log_var[at["demand:a"]] == pytest.approx(np.log1p(0.25**2))
    assert log_var[at["demand:b"]] == pytest.approx(np.log1p(0.3**2))
    parts = inputs.shared[at["demand:a"]] ** 2
    assert parts[0] / parts[1] == pytest.approx(np.log1p(0.4**2) / np.log1p(0.3**2))


def test_causes_of_rows_that_the_problem_lacks_are_passed_over():
    shared = pd.DataFrame({"row": ["demand:nowhere"], "cause": ["c"], "relative_sd": [0.1]})
    net, evidence = random_case(4)
    _, plain = inputs_of(net, evidence)
    _, inputs = inputs_of(net, dataclasses.replace(evidence, shared=shared))
    assert inputs.names == plain.names
