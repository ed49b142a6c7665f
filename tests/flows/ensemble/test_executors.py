"""Who solves the draws does not change them, to the last byte; one that fails stops the others."""

import threading
import time
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from types import SimpleNamespace

import numpy as np
import pytest
import threadpoolctl
from instances import random_case
from small_ensembles import figures, network

import opiateroutes as opr
from opiateroutes.errors import ConflictingEvidenceError
from opiateroutes.flows.ensemble.executing import solved

pytestmark = pytest.mark.xdist_group("executors")

DRAWS = 700


def sampled(executor=None, draws=DRAWS, **options):
    net, evidence = random_case(8)
    return opr.sample_flows(net, evidence, draws=draws, rng=5, executor=executor, **options)


def processes(workers=2):
    """Processes that have nothing but what they are sent: they are not copies of this one."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["opiateroutes.flows.ensemble.draws"])
    return ProcessPoolExecutor(workers, mp_context=context)


def content(ens):
    parts = (ens.arcs_kg.tobytes(), ens.supply_kg.tobytes(), ens.attempts.tobytes())
    return (*parts, ens.certificate)


@pytest.fixture(scope="module")
def here():
    return content(sampled())


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_threads_make_the_same_draws(here, workers):
    with ThreadPoolExecutor(workers) as pool:
        assert content(sampled(pool)) == here


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_processes_make_the_same_draws(here, workers):
    with processes(workers) as pool:
        assert content(sampled(pool)) == here


def test_a_cluster_makes_the_same_draws(here):
    with warnings.catch_warnings():
        # Of the cluster: its own use of what its dependencies have deprecated.
        for category in (DeprecationWarning, FutureWarning):
            warnings.filterwarnings("ignore", category=category, module=r"(distributed|dask)\b")
        from distributed import Client, LocalCluster

        with (
            LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                silence_logs=50,
            ) as cluster,
            Client(cluster) as client,
        ):
            assert content(sampled(client.get_executor())) == here


def test_the_shipped_problem_is_the_same_in_threads_and_processes():
    net, evidence = opr.load_network(), opr.load_evidence(2010)
    one = opr.sample_flows(net, evidence, draws=300, rng=1)
    assert one.attempts.any()
    for pool in (ThreadPoolExecutor(2), processes()):
        with pool:
            other = opr.sample_flows(net, evidence, draws=300, rng=1, executor=pool)
        assert content(other) == content(one)


@pytest.mark.parametrize("points", ["sobol", "independent"])
def test_a_draw_is_the_same_however_many_are_taken(points):
    most = sampled(draws=600, points=points)
    for draws in (2, 64, 100, 256, 511):
        fewer = sampled(draws=draws, points=points)
        assert fewer.arcs_kg.tobytes() == most.arcs_kg[:draws].tobytes()
        assert fewer.supply_kg.tobytes() == most.supply_kg[:draws].tobytes()


def test_threads_leave_the_settings_of_the_process_alone():
    def settings():
        pools = threadpoolctl.threadpool_info()
        return warnings.filters[:], sorted((p["filepath"], p["num_threads"]) for p in pools)

    before = settings()
    with ThreadPoolExecutor(4) as pool:
        sampled(pool, draws=4096)
    assert settings() == before


def impossible():
    """A supply that some draws put below a demand that must hold exactly."""
    net = network(("s", "d", 2.0))
    evidence = opr.Evidence.from_tables(
        supply=figures(s=(100.0, 20.0)), demand=figures(d=95.0), seizures=figures(d=(1.0, 1.0))
    )
    return net, evidence


@pytest.mark.parametrize("pool", [nullcontext, ThreadPoolExecutor, processes])
def test_a_draw_that_fails_says_which_it_is_wherever_it_was_solved(pool):
    net, evidence = impossible()
    said = (
        r"^draw \d+ has a supply of [\d.,]+ kg, .* exactly add up to 95 kg: give these an interval"
    )
    with pool() as executor, pytest.raises(ConflictingEvidenceError, match=said) as raised:
        opr.sample_flows(net, evidence, draws=300, executor=executor)
    assert raised.value.failures["row"].tolist() == ["demand:d"]


class Recording(ThreadPoolExecutor):
    """Threads that remember what they were asked to do."""

    def __init__(self, workers):
        super().__init__(workers)
        self.tasks = []
        self.most = 0

    def submit(self, *args, **kwargs):
        task = super().submit(*args, **kwargs)
        self.tasks.append(task)
        self.most = max(self.most, sum(not t.done() for t in self.tasks))
        return task


def plan(solve):
    return SimpleNamespace(width=1, solve=solve)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_fails_cancels_what_has_not_begun_and_waits_for_the_rest(error):
    finished = []

    def solve(start, _):
        if start == 1:
            raise error("here")
        time.sleep(0.02)
        finished.append(start)
        return [start]

    with Recording(2) as pool:
        with pytest.raises(error, match="here"):
            list(solved(plan(solve), 60, pool))
        done = list(finished)
        assert all(task.done() for task in pool.tasks)
        assert sum(task.cancelled() for task in pool.tasks) > 40
    assert finished == done


def test_closing_early_cancels_what_has_not_begun():
    with Recording(1) as pool:
        chunks = solved(plan(lambda start, _: [start]), 60, pool)
        assert next(chunks) >= 0
        chunks.close()
        assert all(task.done() for task in pool.tasks)


def test_an_executor_that_takes_no_more_cancels_what_it_has():
    gate = threading.Event()

    class Full(Recording):
        def submit(self, *args, **kwargs):
            if len(self.tasks) == 5:
                gate.set()
                raise RuntimeError("cannot schedule new futures")
            return super().submit(*args, **kwargs)

    def solve(start, _):
        gate.wait(10)
        return [start]

    with Full(1) as pool, pytest.raises(RuntimeError, match="new futures"):
        list(solved(plan(solve), 60, pool))
    assert sum(task.cancelled() for task in pool.tasks) >= 3


def test_few_tasks_are_under_way_however_many_draws_there_are():
    with Recording(2) as pool:
        starts = sorted(solved(plan(lambda a, b: list(range(a, b))), 5000, pool))
    assert starts == list(range(5000))
    assert pool.most <= 64
    assert len(pool.tasks) > 64


def test_draws_of_a_process_do_not_depend_on_its_threads():
    with threadpoolctl.threadpool_limits(2):
        many = sampled(draws=64)
    assert np.array_equal(many.arcs_kg, sampled(draws=64).arcs_kg)
