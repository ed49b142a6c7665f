"""Options of sampling: what is refused, what makes the same draws, where draws are kept."""

import tracemalloc

import numpy as np
import pytest
from instances import random_case
from small_ensembles import figures, network

import opiateroutes as opr
from opiateroutes.errors import OutputError, UnknownNameError
from opiateroutes.flows.ensemble import draws as draws_module
from opiateroutes.flows.ensemble.store import filled_store

CASE = random_case(8)


def sampled(draws=32, **options):
    return opr.sample_flows(*CASE, draws=draws, **options)


@pytest.mark.parametrize("draws", [1, 0, -5, 2.5, True, False, float("nan"), float("inf"), "ten"])
def test_draws_that_are_no_whole_number_of_at_least_two_are_refused(draws):
    with pytest.raises(ValueError, match="draws must be a whole number of at least 2"):
        sampled(draws)


@pytest.mark.parametrize("draws", [2, 2.0, np.int64(2)])
def test_whole_numbers_of_any_type_are_taken(draws):
    assert sampled(draws).draws == 2


def test_points_that_there_are_not_are_named():
    with pytest.raises(UnknownNameError, match="no points 'halton'; there are sobol, independent"):
        sampled(points="halton")


def test_where_nothing_moves_there_is_nothing_to_sample():
    evidence = opr.Evidence.from_tables(supply=figures(s=0.0), demand=figures(d=(1.0, 1.0)))
    with pytest.raises(ValueError, match="a supply of zero: nothing moves"):
        opr.sample_flows(network(("s", "d", 2.0)), evidence)


@pytest.mark.parametrize("rng", [-1, 1.5, "seed", True])
def test_a_seed_is_a_whole_number(rng):
    with pytest.raises(ValueError, match="rng must be a whole number of at least 0, a Generator"):
        sampled(rng=rng)


def same(one, other):
    return one.arcs_kg.tobytes() == other.arcs_kg.tobytes()


@pytest.mark.parametrize("points", ["sobol", "independent"])
def test_a_seed_makes_the_same_draws_again(points):
    assert same(sampled(rng=3, points=points), sampled(rng=np.int64(3), points=points))
    assert not same(sampled(rng=3, points=points), sampled(rng=4, points=points))


def test_a_generator_makes_the_same_draws_again_and_moves_on():
    one, other = (np.random.default_rng(1) for _ in range(2))
    first = sampled(rng=one)
    assert same(first, sampled(rng=other))
    assert not same(first, sampled(rng=one))


def test_without_a_seed_each_sample_is_new_and_says_how_to_have_it_again():
    first = sampled(rng=None)
    assert not same(first, sampled(rng=None))
    assert same(first, sampled(rng=first.provenance["seed"]))


def test_draws_are_kept_in_single_precision():
    ens = sampled()
    assert ens.arcs_kg.dtype == np.float32
    assert ens.arcs_kg.shape == (32, ens.measure.n_arcs)
    assert not np.isnan(ens.arcs_kg).any()


def test_a_file_has_the_bytes_of_memory(tmp_path):
    file = tmp_path / "draws.npy"
    kept, memory = sampled(600, keep=file), sampled(600)
    assert isinstance(kept.arcs_kg, np.memmap)
    assert same(kept, memory)
    assert np.load(file).tobytes() == memory.arcs_kg.tobytes()
    assert list(tmp_path.iterdir()) == [file]
    assert kept.legs.equals(memory.legs)
    assert kept.nodes.equals(memory.nodes)
    assert kept.routes.equals(memory.routes)
    with pytest.raises(ValueError, match="read-only"):
        kept.arcs_kg[0, 0] = 1.0


def test_a_file_that_exists_is_never_overwritten(tmp_path):
    file = tmp_path / "draws.npy"
    file.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match=r"draws\.npy exists"):
        sampled(keep=str(file))
    assert file.read_bytes() == b"precious"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OutputError, match="there is no folder"):
        sampled(keep=tmp_path / "nowhere" / "draws.npy")


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_what_fails_leaves_no_file_behind(tmp_path, monkeypatch, error):
    found = draws_module._certified

    def fails(problem, solution, start):
        if start:
            raise error("halfway")
        return found(problem, solution, start)

    monkeypatch.setattr(draws_module, "_certified", fails)
    with pytest.raises(error, match="halfway"):
        sampled(600, keep=tmp_path / "draws.npy")
    assert list(tmp_path.iterdir()) == []


def test_room_that_is_not_filled_is_missing():
    assert np.isnan(filled_store(None, (2, 3), lambda _: None)).all()


def peak_mb(draws, file, **options):
    """Most memory that Python and NumPy held while sampling, beyond what they hold before."""
    tracemalloc.start()
    try:
        ens = sampled(draws, keep=file, **options)
        return tracemalloc.get_traced_memory()[1] / 1e6, ens
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_draws_that_a_file_keeps(tmp_path):
    sampled(2)
    few, _ = peak_mb(256, tmp_path / "few.npy")
    many, ens = peak_mb(8192, tmp_path / "many.npy")
    in_file = ens.arcs_kg.nbytes / 1e6
    assert in_file > 1.5
    # Supply and attempts of each draw are 9 bytes.
    assert many - few < 0.25 * in_file


def test_progress_is_shown_where_it_is_asked_for(capsys):
    sampled(progress=True)
    assert "32/32" in capsys.readouterr().err
    sampled(progress=False)
    sampled()
    assert capsys.readouterr().err == ""


def test_more_inputs_than_sobol_points_have_dimensions_are_drawn(monkeypatch):
    plan = sampled(rng=2).plan
    monkeypatch.setattr(draws_module.qmc.Sobol, "MAXDIM", 10)
    numbers = plan.numbers(256)
    assert numbers.shape == (len(plan.inputs), plan.width)
    assert (numbers == plan.numbers(256)).all()
    off = np.abs(numbers.mean(axis=1))
    # Means of 256 points: balanced ones are next to 0, independent ones within 1/16 or so.
    assert off[:10].max() < 0.02
    assert off[10:].max() > 0.05
    assert numbers[10:].std() == pytest.approx(1.0, abs=0.05)
