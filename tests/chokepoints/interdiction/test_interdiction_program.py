"""What the solver is asked for and what is done where it stretches a budget or fails."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from opiateroutes.chokepoints.interdiction import program as module
from opiateroutes.chokepoints.interdiction.blocking import Blocking
from opiateroutes.chokepoints.interdiction.program import Program, solve
from opiateroutes.errors import ConvergenceError


def two_legs():
    """Blocking either leg takes 1 off the objective."""
    return Program(
        objective=np.array([-1.0, -1.0]),
        rows=sp.csr_array((0, 2)),
        low=np.zeros(0),
        high=np.zeros(0),
        least=np.zeros(2),
        most=np.ones(2),
        choice=np.array([0, 1]),
        legs=np.array([4, 7]),
        size=1.0,
    )


def blocking(cost, budget):
    costs = np.zeros(8)
    costs[[4, 7]] = cost
    return Blocking(costs, costs >= 0.0, budget)


def test_a_budget_is_not_stretched_by_the_tolerance_of_the_solver():
    # Both together cost 2e-7 more than there is: less than what HiGHS forgives.
    found = solve(two_legs(), blocking(0.5000001, 1.0), time_limit=None)
    assert len(found.legs) == 1
    assert found.bound == pytest.approx(-1.0)
    assert found.proven
    assert solve(two_legs(), blocking(0.5, 1.0), time_limit=None).legs.tolist() == [4, 7]


def test_a_set_beyond_the_budget_is_not_handed_on_when_the_time_is_over(monkeypatch):
    answer = SimpleNamespace(status=1, x=np.ones(2), mip_dual_bound=-2.0, message="time")
    monkeypatch.setattr(module, "quiet_milp", lambda *_, **__: answer)
    found = solve(two_legs(), blocking(1.0, 1.0), time_limit=1.0)
    assert (found.legs.tolist(), found.proven) == ([], False)
    assert found.bound == pytest.approx(-2e-4)


def test_a_solver_that_fails_is_no_answer(monkeypatch):
    answer = SimpleNamespace(status=4, x=None, mip_dual_bound=None, message="numbers went wrong")
    monkeypatch.setattr(module, "quiet_milp", lambda *_, **__: answer)
    with pytest.raises(ConvergenceError, match="numbers went wrong"):
        solve(two_legs(), blocking(1.0, 1.0), time_limit=None)


def test_without_a_bound_nothing_is_claimed(monkeypatch):
    answer = SimpleNamespace(status=1, x=None, mip_dual_bound=None, message="time")
    monkeypatch.setattr(module, "quiet_milp", lambda *_, **__: answer)
    found = solve(two_legs(), blocking(1.0, 1.0), time_limit=1.0)
    assert (found.legs.tolist(), found.bound) == ([], -np.inf)
