"""Truths by other mechanisms than the model's, small: what must hold whatever the numbers are."""

import numpy as np
import pytest
from benchmarks.synthetic.published import published
from benchmarks.synthetic.scores import band_table, method_table, scored
from benchmarks.synthetic.truths import SUPPLY_KG, TRUTHS
from benchmarks.synthetic.worlds import geometric_world, shipped_world

_WORLDS = {"shipped": shipped_world, "geometric": geometric_world}


@pytest.fixture(scope="module")
def small():
    return scored(range(2), draws=64, sizes=(20, 20))


@pytest.mark.parametrize("make", _WORLDS.values(), ids=_WORLDS)
@pytest.mark.parametrize("name", TRUTHS)
def test_a_truth_is_in_balance(name, make):
    world = make(np.random.default_rng(3), 25)
    truth = TRUTHS[name](world, np.random.default_rng(4))
    arriving = np.bincount(world.head, truth.flow_kg, world.size)
    arriving[world.source] += SUPPLY_KG
    leaving = np.bincount(world.tail, truth.flow_kg, world.size)
    left = arriving - leaving - truth.consumed_kg - truth.seized_kg
    assert np.abs(left).max() < 1e-9 * SUPPLY_KG
    assert np.allclose(truth.arrived_kg, arriving)
    assert min(part.min() for part in (truth.flow_kg, truth.consumed_kg, truth.seized_kg)) >= 0


@pytest.mark.parametrize("make", _WORLDS.values(), ids=_WORLDS)
def test_the_same_seed_makes_the_same_world_truth_and_figures(make):
    def one():
        world = make(np.random.default_rng(5), 25)
        truth = TRUTHS["agents"](world, np.random.default_rng(6))
        evidence = published(world, truth, np.random.default_rng(7), itineraries="uneven")
        return truth.flow_kg, evidence.demand["best_kg"].to_numpy(), evidence.shares

    first, second = one(), one()
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])
    assert first[2].equals(second[2])


@pytest.mark.parametrize("kind", ["even", "uneven"])
def test_itineraries_leave_other_figures_alone_and_add_up(kind):
    world = geometric_world(np.random.default_rng(8), 25)
    truth = TRUTHS["hubs"](world, np.random.default_rng(9))
    plain = published(world, truth, np.random.default_rng(10))
    told = published(world, truth, np.random.default_rng(10), itineraries=kind)
    for table in ("supply", "demand", "seizures", "flows"):
        assert getattr(plain, table).equals(getattr(told, table))
    assert np.allclose(told.shares.groupby("to_nodes")["best_share"].sum(), 1.0)


def test_published_bounds_cover_the_truth_as_often_as_they_say():
    hits = []
    for seed in range(12):
        world = geometric_world(np.random.default_rng(seed), 40)
        truth = TRUTHS["congestion"](world, np.random.default_rng(seed))
        demand = published(world, truth, np.random.default_rng(seed)).demand.set_index("node")
        consumed = dict(zip(world.net.nodes.index, truth.consumed_kg, strict=True))
        true = demand.index.map(consumed).to_numpy("float64")
        hits.append((demand["low_kg"] <= true) & (true <= demand["high_kg"]))
    assert 0.85 < np.concatenate(hits).mean() < 0.95


def test_bands_cover_the_control_better_than_truths_by_other_mechanisms(small):
    seen = small.bands[small.bands["true_kg"] > 1e-3 * SUPPLY_KG]
    hit = (seen["low_kg"] <= seen["true_kg"]) & (seen["true_kg"] <= seen["high_kg"])
    covered = hit.groupby(seen["truth"]).mean()
    control = covered.pop("logit walk (control)")
    assert control > 0.75
    assert control > covered.mean()
    assert (covered > 0.3).all()


def test_the_path_measure_is_nearer_than_the_cheapest_routes(small):
    error = small.methods.groupby("method")["wape"].mean()
    assert error["path_measure"] < error["shortest_path"]
    assert error["path_measure, even"] < error["path_measure"]


def test_all_is_tabulated(small):
    bands, methods = band_table(small.bands), method_table(small.methods)
    assert bands.index.tolist() == [*TRUTHS, "all but the control"]
    assert methods.columns.tolist() == [*TRUTHS, "all but the control"]
    assert not bands.isin(["-", "nan %"]).any(axis=None)
    assert "import_shares, uneven" in methods.index
