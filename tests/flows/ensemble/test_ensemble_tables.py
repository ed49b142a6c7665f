"""What an ensemble says: tables against plain arithmetic on the draws."""

import itertools

import numpy as np
import pandas as pd
import pytest
from instances import random_case, with_ratios
from small_ensembles import figures, fixed_priors, network

import opiateroutes as opr
from opiateroutes.errors import UnknownNameError

Q = (0.05, 0.5, 0.95)


@pytest.fixture(scope="module")
def ens():
    return opr.sample_flows(opr.load_network(), opr.load_evidence(2010), draws=256, rng=1)


@pytest.fixture(scope="module")
def fit_of(ens):
    return ens.as_fit()


def arcs(ens):
    return ens.arcs_kg.astype("float64")


def test_legs_have_the_columns_of_the_fit_and_those_of_the_draws(ens):
    assert ens.legs.columns.tolist() == [*ens.fit.legs.columns, "mean_kg", "sd_kg", "median_kg"]
    assert ens.legs.index.equals(ens.fit.legs.index)
    same = ["flow_kg", "net_kg", "leverage", "basis", "rests_on", "from_node", "to_node", "mode"]
    pd.testing.assert_frame_equal(ens.legs[same], ens.fit.legs[same])


def test_quantiles_of_legs_are_those_of_the_raw_draws(ens):
    m = len(ens.measure.legs)
    for k in range(0, m, 17):
        leg, draws = ens.measure.legs[k], arcs(ens)[:, k]
        row = ens.legs.loc[leg]
        found = row[["low_kg", "median_kg", "high_kg"]].astype("float64").tolist()
        assert found == pytest.approx(np.quantile(draws, Q).tolist(), rel=1e-12)
        assert (row["mean_kg"], row["sd_kg"]) == (
            pytest.approx(draws.mean()),
            pytest.approx(draws.std(ddof=1)),
        )
        assert (ens.leg_draws_kg(leg) == draws).all()
    still = ~ens.legs.index.isin(ens.measure.legs)
    columns = ["low_kg", "high_kg", "mean_kg", "sd_kg", "median_kg"]
    assert (ens.legs.loc[still, columns] == 0).all().all()


@pytest.mark.parametrize("kind", ["consumption", "seizure", "unaccounted"])
def test_exits_of_nodes_are_those_of_the_raw_draws(ens, kind):
    measure, m = ens.measure, len(ens.measure.legs)
    at = np.flatnonzero(measure.exit_kind == kind)
    for k in at[::9]:
        place = measure.exit_place[k]
        own = [j for j in at if measure.exit_place[j] == place]
        draws = arcs(ens)[:, [m + j for j in own]].sum(axis=1)
        row = ens.nodes.loc[place, [f"{kind}_{q}_kg" for q in ("low", "median", "high")]]
        assert row.astype("float64").tolist() == pytest.approx(np.quantile(draws, Q).tolist())
    assert (ens.nodes[f"{kind}_kg"] == ens.fit.nodes[f"{kind}_kg"]).all()


def test_throughput_and_interception_are_those_of_the_raw_draws(ens):
    measure, m = ens.measure, len(ens.measure.legs)
    for node in ("IRN", "TUR", "TJK", "AFG"):
        k = int(np.flatnonzero(measure.nodes == node)[0])
        through = arcs(ens)[:, measure.arc_tail == k].sum(axis=1)
        row = ens.nodes.loc[node]
        columns = ["throughput_low_kg", "throughput_median_kg", "throughput_high_kg"]
        assert row[columns].astype("float64").tolist() == pytest.approx(
            np.quantile(through, Q).tolist()
        )
        seizure = m + np.flatnonzero((measure.exit_kind == "seizure") & (measure.exit_node == k))
        columns = ["interception_low", "interception_median", "interception_high"]
        if len(seizure) == 0:
            assert row[columns].isna().all()
            continue
        rate = arcs(ens)[:, seizure].sum(axis=1) / through
        assert row[columns].astype("float64").tolist() == pytest.approx(
            np.quantile(rate, Q).tolist()
        )


def test_interception_lies_between_zero_and_one_where_anything_is_seized(ens):
    columns = [f"interception_{q}" for q in ("low", "median", "mean", "high")]
    rates = ens.nodes[columns]
    known = ens.fit.nodes["interception"].notna()
    assert (rates.notna().all(axis=1) == known).all()
    assert ((rates[known] >= 0) & (rates[known] <= 1)).all().all()
    low, middle, high = (rates.loc[known, f"interception_{q}"] for q in ("low", "median", "high"))
    assert ((low <= middle) & (middle <= high)).all()


def test_routes_carry_what_the_draws_say(ens):
    assert ens.routes.index.equals(ens.fit.routes.index)
    best = ["nodes", "start", "end", "probability", "flow_kg"]
    pd.testing.assert_frame_equal(ens.routes[best], ens.fit.routes[best])
    assert ens.routes["low_kg"].le(ens.routes["median_kg"]).all()
    assert not (ens.routes["low_kg"] == ens.fit.routes["low_kg"]).any()
    measure, m = ens.measure, len(ens.measure.legs)
    route = ens.routes.iloc[3]
    path = [int(np.flatnonzero(measure.nodes == n)[0]) for n in route["nodes"].split(">")]
    chance = np.ones(ens.draws)
    for here, there in itertools.pairwise(path):
        out = arcs(ens)[:, measure.arc_tail == here].sum(axis=1)
        on = arcs(ens)[:, :m][:, (measure.tail == here) & (measure.head == there)].sum(axis=1)
        chance *= on / out
    last = arcs(ens)[:, measure.arc_tail == path[-1]].sum(axis=1)
    ends = (measure.exit_kind == "consumption") & (measure.exit_node == path[-1])
    chance *= arcs(ens)[:, m:][:, ends].sum(axis=1) / last
    columns = [f"probability_{q}" for q in ("low", "median", "high")]
    assert route[columns].astype("float64").tolist() == pytest.approx(
        np.quantile(chance, Q).tolist(), rel=1e-5
    )
    carried = np.quantile(chance * ens.supply_kg, Q)
    columns = ["low_kg", "median_kg", "high_kg"]
    assert route[columns].astype("float64").tolist() == pytest.approx(carried.tolist(), rel=1e-5)


def test_without_spread_routes_have_the_probability_of_the_fit():
    net, evidence = random_case(2, n_sources=2)
    tables = {
        name: getattr(evidence, name).assign(sd_kg=1e-6 * getattr(evidence, name)["best_kg"])
        for name in ("supply",)
    }
    sure = opr.Evidence.from_tables(
        supply=tables["supply"],
        demand=evidence.demand.assign(sd_kg=1e3),
        priors=fixed_priors(),
    )
    ens = opr.sample_flows(net, sure, draws=8, structural_sd=0.0, n_effective=1e12)
    assert ens.routes["probability_median"].tolist() == pytest.approx(
        ens.routes["probability"].tolist(), rel=1e-4
    )


def test_commodities_have_intervals_of_the_draws_too():
    evidence = opr.load_evidence(2008, commodities=("opium", "heroin"))
    ens = opr.sample_flows(opr.load_network(), evidence, draws=64, commodities=("opium", "heroin"))
    legs = ens.legs[(ens.legs["commodity"] == "opium") & (ens.legs["low_kg"] > 1.0)]
    ratio = legs["commodity_kg"] / legs["flow_kg"]
    assert ratio.to_numpy() == pytest.approx(np.full(len(legs), 8.5))
    width = np.log(legs["commodity_high_kg"] / legs["commodity_low_kg"])
    own = np.log(legs["high_kg"] / legs["low_kg"])
    assert width.to_numpy() == pytest.approx(np.hypot(own, np.log(10 / 7)).to_numpy())
    assert ens.as_fit().legs.columns.tolist() == ens.fit.legs.columns.tolist()


def test_a_fit_of_the_draws_has_their_intervals_and_no_other_columns(ens, fit_of):
    assert fit_of.legs.columns.tolist() == ens.fit.legs.columns.tolist()
    assert fit_of.nodes.columns.tolist() == ens.fit.nodes.columns.tolist()
    assert (fit_of.legs["low_kg"] == ens.legs["low_kg"]).all()
    assert (fit_of.nodes["throughput_high_kg"] == ens.nodes["throughput_high_kg"]).all()
    assert (fit_of.arcs_kg == ens.fit.arcs_kg).all()
    assert fit_of.supply_low_kg == pytest.approx(np.quantile(ens.supply_kg, 0.05))
    assert fit_of.provenance["draws"] == 256
    assert fit_of.provenance["points"] == "sobol"


def test_maps_and_chokepoints_take_an_ensemble_as_they_take_its_fit(ens, fit_of):
    table = opr.find_chokepoints(ens, effort=0.5, reaction=(0, 2))
    best = ["node", "reaction", "drop_share", "rank"]
    pd.testing.assert_frame_equal(
        table.table[best], opr.find_chokepoints(fit_of, effort=0.5, reaction=(0, 2)).table[best]
    )
    assert table.fit.legs["low_kg"].equals(ens.legs["low_kg"])
    atlas = opr.explore(ens, chokepoints=table)
    assert atlas.payload == opr.explore(fit_of, chokepoints=table).payload
    assert atlas.payload != opr.explore(ens.fit, chokepoints=table).payload


def test_provenance_says_how_the_draws_were_made(ens):
    assert ens.provenance["seed"] == 1
    assert ens.provenance["draws"] == 256
    assert {"package", "inputs_sha256", "structural_sd"} <= set(ens.provenance)


def test_what_it_prints(ens):
    lines = ens.summary().splitlines()
    assert lines[0].startswith("Sampled flows, 2010: supply 364 t (90 % interval ")
    assert lines[1] == (
        f"256 draws (sobol, seed 1) of {len(ens.plan.inputs)} inputs, each solved to its "
        "certificate"
    )
    assert repr(ens).startswith("<FlowEnsemble 2010: 256 draws over 394 legs, gap ")
    assert "<script" not in ens._repr_html_()


def test_a_leg_that_is_not_there_is_named_with_the_nearest(ens):
    with pytest.raises(UnknownNameError, match="AFG>IRN:land"):
        ens.leg_draws_kg("AFG>IRN:lnd")
    with pytest.raises(UnknownNameError, match="AFG>IRN:land"):
        ens.sensitivity("AFG>IRN:lnd")


def test_without_demand_there_are_no_routes_to_consumers():
    evidence = opr.Evidence.from_tables(
        supply=figures(s=(100.0, 10.0)), seizures=figures(d=(30.0, 5.0))
    )
    ens = opr.sample_flows(network(("s", "d", 2.0)), evidence, draws=16)
    assert ens.routes.empty
    assert {"probability_low", "low_kg", "mean_kg"} <= set(ens.routes)
    assert (ens.nodes["consumption_mean_kg"] == 0).all()


def test_shares_and_rates_are_sampled_too():
    net, evidence = random_case(1)
    ens = opr.sample_flows(net, with_ratios(evidence, 1), draws=64)
    assert (ens.legs["low_kg"] <= ens.legs["high_kg"]).all()
    assert ens.legs["sd_kg"].max() > 0


def test_crossings_are_sampled_like_countries():
    ens = opr.sample_flows(opr.load_network("crossings"), opr.load_evidence(2010), draws=4)
    use = ens.measure.trace.use
    inland = [leg for leg in ens.legs.nlargest(20, "flow_kg").index if leg not in ens.measure.legs]
    at = int(np.flatnonzero(ens.measure.trace.legs == inland[0])[0])
    draws = arcs(ens) @ use[[at]].toarray()[0]
    row = ens.legs.loc[inland[0], ["low_kg", "median_kg", "high_kg"]].astype("float64")
    assert row.tolist() == pytest.approx(np.quantile(draws, Q).tolist())
    assert ens.nodes["interception_high"].dropna().between(0, 1).all()
