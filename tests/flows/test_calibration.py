"""Calibration of the cost model: gradient, recovery, what it does not depend on, and the result."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.data import read_evidence_table
from opiateroutes.errors import EvidenceWarning, NetworkError
from opiateroutes.evidence.parameters import Z90
from opiateroutes.evidence.priors import shipped_priors
from opiateroutes.flows.binding.costs import leg_costs, leg_features
from opiateroutes.flows.calibration.coefficients import coefficients_of
from opiateroutes.flows.calibration.descent import curvature
from opiateroutes.flows.calibration.objective import BoundYear, Objective
from opiateroutes.flows.calibration.years import Year

COSTS = ["land_border", "distance", "sea", "air", "named_route"]


def network(seed, n=14):
    """A random network with a mode, a length and at times a named route for each leg."""
    rng = np.random.default_rng(seed)
    names = [f"n{k:02d}" for k in range(n)]
    pairs = [(k, k + 1) for k in range(n - 1)]
    pairs += [tuple(p) for p in rng.integers(0, n, (4 * n, 2)) if p[0] != p[1]]
    legs = pd.DataFrame(
        {
            "from_node": [names[i] for i, _ in pairs],
            "to_node": [names[j] for _, j in pairs],
            "mode": rng.choice(["land", "sea", "air"], len(pairs), p=[0.6, 0.25, 0.15]),
            "distance_km": rng.uniform(100.0, 3000.0, len(pairs)),
            "named_route": rng.choice([0.0, 1.0], len(pairs), p=[0.8, 0.2]),
        }
    ).drop_duplicates(["from_node", "to_node", "mode"])
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": names}), legs)


def unbound(net, *, priors=None, total_kg=1000.0):
    """Evidence whose figures bind nothing: the estimate is the reference measure."""
    nodes = net.nodes.index[1:].tolist()
    figures = pd.DataFrame({"node": nodes, "best_kg": 0.05 * total_kg, "sd_kg": 1e7 * total_kg})
    return opr.Evidence.from_tables(
        supply=pd.DataFrame({"node": ["n00"], "best_kg": [total_kg], "sd_kg": [0.1 * total_kg]}),
        demand=figures,
        seizures=figures,
        priors=shipped_priors() if priors is None else priors,
    )


def observed(net, costs, *, seed=0, relative=0.05, priors=None):
    """Flows and seizures that known costs make, each off by some percent."""
    rng = np.random.default_rng(seed)
    evidence = unbound(net, priors=priors)
    fit = opr.estimate_flows(net, evidence, cost=costs)
    legs = fit.legs[fit.legs["flow_kg"] > 1.0]
    pairs = legs.groupby(["from_node", "to_node"], as_index=False)["flow_kg"].sum()
    pairs["row"] = pairs["from_node"] + ">" + pairs["to_node"]
    sd = relative * pairs["flow_kg"]
    noise = rng.normal(size=len(pairs))
    flows = pairs.assign(best_kg=pairs["flow_kg"] + sd * noise, sd_kg=sd).drop(columns="flow_kg")
    seized = fit.nodes.loc[fit.nodes["seizure_kg"] > 0.0, "seizure_kg"]
    seizures = pd.DataFrame({"node": seized.index, "best_kg": seized.to_numpy()})
    return opr.Evidence.from_tables(
        supply=evidence.supply,
        demand=evidence.demand,
        seizures=seizures.assign(sd_kg=relative * seizures["best_kg"]),
        flows=flows,
        priors=shipped_priors(),
    )


def costs_at(net, values):
    table = read_evidence_table("costs").set_index("feature")["best"]
    costs = leg_costs(net, None, {"n00"})[0].copy()
    features = leg_features(net, {"n00"})
    for name, value in values.items():
        costs += features[name] * (value - table[name])
    return costs


def objective_of(net, years, shifts, n_effective=30.0):
    prepared = [Year.of(net, one) for one in years]
    coefficients = coefficients_of([year.evidence for year in prepared])
    bound = (BoundYear.of(y, coefficients, shifts, n_effective=n_effective) for y in prepared)
    return Objective(tuple(bound), coefficients, n_effective)


def differences(objective, shifts, step=1e-5):
    steps = step * np.eye(len(shifts))
    return [(objective(shifts + s)[0] - objective(shifts - s)[0]) / (2 * step) for s in steps]


@pytest.mark.parametrize("seed", range(3))
def test_gradient_is_that_of_finite_differences(seed):
    net = network(seed)
    evidence = observed(net, costs_at(net, {"distance": 1.0, "sea": 4.5}))
    objective = objective_of(net, [evidence], np.zeros(7))
    shifts = np.random.default_rng(seed).uniform(-0.3, 0.6, 7)
    assert objective(shifts)[1] == pytest.approx(differences(objective, shifts), abs=1e-6, rel=1e-6)


def test_gradient_holds_on_both_shipped_resolutions_where_they_are_bound():
    shifts = np.array([0.2, -0.4, -0.3, 0.1, 0.2, -0.3, 0.5])
    evidence = opr.load_evidence(2008)
    for level in ("countries", "crossings"):
        net = opr.load_network(level)
        objective = objective_of(net, [evidence], shifts)
        found = objective(shifts)[1]
        assert found == pytest.approx(differences(objective, shifts), abs=1e-6, rel=1e-6)


def test_gradient_by_the_length_of_inland_hauls_is_that_of_binding_anew():
    net, evidence = opr.load_network("crossings"), opr.load_evidence(2008)
    shifts = np.array([0.0, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0])
    slope = objective_of(net, [evidence], shifts)(shifts)[1][1]
    step = np.array([0.0, 1e-4, 0.0, 0.0, 0.0, 0.0, 0.0])
    ahead, behind = (objective_of(net, [evidence], x)(x)[0] for x in (shifts + step, shifts - step))
    assert slope == pytest.approx((ahead - behind) / 2e-4, rel=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_known_coefficients_are_recovered(seed):
    truth = {"land_border": 2.9, "distance": 1.0, "sea": 2.6, "air": 3.4, "named_route": -1.9}
    net = network(seed)
    found = opr.calibrate_costs(
        net, observed(net, costs_at(net, truth), seed=seed), n_effective=1e4
    )
    coefficients = found.coefficients
    known = pd.Series(truth)
    table = found.table.loc[known.index]
    off = (table["best"] - known).abs()
    assert (off < 0.25 * (table["prior_best"] - known).abs()).all()
    # In standard deviations of the result, on the scale on which it is normal.
    sds = np.log(table["high"].abs() / table["low"].abs()).abs() / (2 * Z90)
    away = np.log(table["best"] / known).abs() / sds
    assert (away < 2.0).all(), away
    assert (found.table.loc[COSTS, "leverage"] > 0.8).all()
    assert coefficients.values(found.shifts) == pytest.approx(found.table["best"].to_numpy())


def test_the_prior_stands_where_nothing_is_known():
    net = network(5)
    found = opr.calibrate_costs(net, unbound(net))
    table = found.table
    assert table["shift_sds"].abs().max() < 1e-5
    assert table["best"].to_numpy() == pytest.approx(table["prior_best"].to_numpy(), rel=1e-5)
    assert table["leverage"].abs().max() < 1e-4
    # The spread of the bounds comes back, around the best value.
    width = np.log(table["high"] / table["low"]).abs()
    expected = np.log(table["prior_high"] / table["prior_low"]).abs()
    assert width.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-3)
    assert found.objective == pytest.approx(found.prior_objective, abs=1e-8)


def scaled(evidence, factor):
    tables = {}
    for name in ("supply", "demand", "seizures", "flows"):
        table = getattr(evidence, name).copy()
        kilograms = table.columns[table.columns.str.endswith("_kg")]
        table[kilograms] *= factor
        tables[name] = table
    return dataclasses.replace(evidence, **tables)


def test_units_order_and_repetition_change_nothing():
    net = network(1)
    evidence = observed(net, costs_at(net, {"distance": 1.1, "sea": 4.0}))
    first = opr.calibrate_costs(net, evidence)
    again = opr.calibrate_costs(net, evidence)
    assert again.table.equals(first.table)
    assert again.summary() == first.summary()
    numbers = ["low", "best", "high", "shift_sds", "leverage"]
    alike = (
        opr.calibrate_costs(net, scaled(evidence, 1e-3)),
        opr.calibrate_costs(net, [evidence, evidence, evidence]),
    )
    for other in alike:
        assert other.table[numbers].to_numpy() == pytest.approx(
            first.table[numbers].to_numpy(), rel=1e-6, abs=1e-6
        )


def test_the_result_is_a_minimum_with_its_curvature():
    net = network(2)
    years = [observed(net, costs_at(net, {"air": 6.0}), seed=s) for s in (0, 1)]
    found = opr.calibrate_costs(net, years, n_effective=100.0)
    assert found.gradient_norm <= 1e-6
    assert found.objective < found.prior_objective
    objective = objective_of(net, years, found.shifts, 100.0)
    rng = np.random.default_rng(0)
    for step in rng.normal(size=(20, 7)) * 0.1:
        assert objective(found.shifts + step)[0] > found.objective
    covariance = np.linalg.inv(curvature(objective, found.shifts))
    assert 1 - np.diag(covariance) == pytest.approx(found.table["leverage"].to_numpy(), abs=1e-6)
    assert np.diag(found.correlation) == pytest.approx(1.0)


def test_steps_into_divergence_are_turned_back(monkeypatch):
    net = network(3)
    objective = objective_of(net, [unbound(net)], np.zeros(7))
    value, gradient = objective(np.full(7, -12.0))
    assert value == np.inf
    assert np.isnan(gradient).all()
    # Evidence that makes the search try steps over that edge on its way.
    cheap = {"land_border": 1.9, "distance": 0.1, "sea": 2.2, "air": 2.2}
    evidence = observed(net, costs_at(net, cheap))
    tried = []
    at = BoundYear.at
    monkeypatch.setattr(BoundYear, "at", lambda *given: tried.append(at(*given)) or tried[-1])
    found = opr.calibrate_costs(net, evidence, n_effective=3e4)
    assert not np.isfinite([value for value, _ in tried]).all()
    assert found.table.loc[list(cheap), "best"].tolist() == pytest.approx(
        list(cheap.values()), rel=0.05
    )


def test_costs_and_evidence_make_the_estimate_that_was_scored():
    net = network(4)
    evidence = observed(net, costs_at(net, {"distance": 1.1}))
    found = opr.calibrate_costs(net, evidence)
    priors_before = evidence.priors.copy()
    costs = found.costs(net, evidence)
    features = leg_features(net, {"n00"})[COSTS]
    assert np.isinf(costs[net.legs["to_node"] == "n00"]).all()
    open_legs = costs.index[np.isfinite(costs)]
    expected = features @ found.table.loc[COSTS, "best"]
    assert costs[open_legs].to_numpy() == pytest.approx(expected[open_legs].to_numpy())
    weighed = found.evidence(evidence)
    priors = weighed.priors.loc["*"]
    for weight in ("consumption_weight", "unaccounted_weight"):
        row = found.table.loc[weight]
        given = [priors[f"{weight}_low"], priors[weight], priors[f"{weight}_high"]]
        assert given == pytest.approx([row["low"], row["best"], row["high"]])
    assert evidence.priors.equals(priors_before)
    before = opr.estimate_flows(net, evidence)
    after = opr.estimate_flows(net, weighed, cost=costs)
    assert (after.residuals["residual_sigmas"] ** 2).sum() < (
        before.residuals["residual_sigmas"] ** 2
    ).sum()


def test_places_with_weights_of_their_own_are_calibrated_apart():
    own = pd.DataFrame(
        {
            "node": ["n03", "n04"],
            "consumption_weight": [20.0, 5.0],
            "consumption_weight_low": [10.0, np.nan],
            "consumption_weight_high": [40.0, np.nan],
            "unaccounted_weight": [np.nan, 0.0],
        }
    )
    net = network(6)
    evidence = dataclasses.replace(
        observed(net, costs_at(net, {})), priors=unbound(net, priors=own).priors
    )
    found = opr.calibrate_costs(net, evidence)
    assert found.table.index[-3:].tolist() == [
        "consumption_weight:1",
        "consumption_weight:2",
        "unaccounted_weight",
    ]
    assert found.table.at["consumption_weight:2", "source"] == "priors of the evidence"
    priors = found.evidence(evidence).priors["consumption_weight"]
    assert priors["n03"] == found.table.at["consumption_weight:2", "best"]
    assert priors["n04"] == 5.0
    assert found.evidence(evidence).priors.at["n04", "unaccounted_weight"] == 0.0


def test_costs_that_are_given_leave_nothing_to_calibrate():
    net = network(0)
    legs = net.legs.assign(cost=2.0)
    given = opr.RouteNetwork.from_tables(net.nodes.reset_index(), legs.reset_index())
    evidence = unbound(net)
    with pytest.raises(NetworkError, match="nothing to calibrate") as caught:
        opr.calibrate_costs(given, evidence)
    assert caught.value.failures["column"].tolist() == ["cost"]
    with pytest.raises(NetworkError, match="nothing to calibrate"):
        opr.calibrate_costs(net, evidence).costs(given, evidence)


@pytest.mark.parametrize("n_effective", [0, -1, np.nan, np.inf, "many", None])
def test_n_effective_must_be_a_number_above_zero(n_effective):
    net = network(0)
    with pytest.raises(ValueError, match="n_effective must be a finite number above 0"):
        opr.calibrate_costs(net, unbound(net), n_effective=n_effective)


def test_no_evidence_and_no_supply_are_refused():
    net = network(0)
    with pytest.raises(ValueError, match="no evidence"):
        opr.calibrate_costs(net, [])
    with pytest.raises(ValueError, match="a supply of zero"):
        opr.calibrate_costs(net, scaled(unbound(net), 0.0))


def test_price_gaps_are_left_out_and_it_is_said():
    net = network(1)
    evidence = observed(net, costs_at(net, {"distance": 1.0}))
    gaps = pd.DataFrame({"from_node": ["n00"], "to_node": ["n01"], "log_ratio": [0.9]})
    tables = {n: getattr(evidence, n) for n in ("supply", "demand", "seizures", "flows", "priors")}
    priced = opr.Evidence.from_tables(**tables, price_gaps=gaps)
    with pytest.warns(EvidenceWarning, match=r"1 price gap\(s\) are left out"):
        found = opr.calibrate_costs(net, priced)
    assert found.table.equals(opr.calibrate_costs(net, evidence).table)


def test_shares_are_weighed_at_the_result():
    net = network(2)
    evidence = observed(net, costs_at(net, {"distance": 1.0}))
    share = pd.DataFrame(
        {"from_node": ["n02"], "to_node": ["n03"], "of_from": ["*"], "of_to": ["n03"]}
    ).assign(share=0.3, sd_share=0.05)
    tables = {n: getattr(evidence, n) for n in ("supply", "demand", "seizures", "priors")}
    shared = opr.Evidence.from_tables(**tables, shares=share)
    found = opr.calibrate_costs(net, shared)
    assert found.gradient_norm <= 1e-6
    assert found.provenance["rounds"] > 2


def test_the_card_escapes_what_sources_say():
    net = network(0)
    found = opr.calibrate_costs(net, unbound(net))
    spoiled = dataclasses.replace(found, table=found.table.assign(source="<script>x</script>"))
    card = spoiled._repr_html_()
    assert "<script>" not in card
    assert "&lt;script&gt;" in card
    assert card.count("<tr>") == 1 + len(found.table)
    assert repr(found) == "<Calibration of 7 coefficients, 0.00 nats gained>"
    assert found.provenance["years"] == [None]
    assert found.summary().startswith("Calibrated 7 coefficients, a prior worth 30 shipments")


def test_the_page_says_what_comes_out():
    page = (Path(__file__).parents[2] / "docs" / "calibration.md").read_text(encoding="utf-8")
    countries = page.split("## Results")[1].split("\n## ")[0]
    lines = [line.strip("|").split("|") for line in countries.splitlines() if line[:3] == "| `"]
    written = {cells[0].strip(" `"): cells[3] for cells in lines}
    years = [opr.load_evidence(2008), opr.load_evidence(2010)]
    found = opr.calibrate_costs(opr.load_network(), years, n_effective=30.0)
    assert list(written) == found.table.index.tolist()
    for row in found.table.itertuples():
        numbers = [float(x) for x in re.findall(r"[-+]?\d+\.\d+", written[row.Index])]
        expected = [row.best, row.low, row.high, row.shift_sds, row.leverage]
        assert numbers == pytest.approx(expected, abs=0.051), row.Index
    said = f"{found.prior_objective:.2f} to {found.objective:.2f}"
    assert said in countries
