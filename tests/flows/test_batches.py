"""The solver is vectorised over draws; a draw must not feel the others."""

import dataclasses

import numpy as np
from instances import random_case

from opiateroutes.flows.binding.bind import bind
from opiateroutes.flows.kernel.condition import condition
from opiateroutes.flows.kernel.dual import Problem, evaluate, primal_value


def problem(seed, factors):
    net, evidence = random_case(seed)
    bound = bind(net, evidence, net.legs["cost"])
    columns = []
    for factor in factors:
        measure = dataclasses.replace(bound.measure, supply_kg=factor * bound.measure.supply_kg)
        columns.append(Problem.of(measure, bound.rows, n_effective=30.0))
    joined = {
        name: np.concatenate([getattr(column, name) for column in columns], axis=1)
        for name in ("supply", "target", "variance")
    }
    return Problem(bound.measure, bound.rows, **joined)


def test_a_column_is_the_same_alone_and_in_company():
    together = condition(problem(8, [1.0, 1.3, 0.7, 2.0]))
    for k, factor in enumerate([1.0, 1.3, 0.7, 2.0]):
        alone = condition(problem(8, [factor]))
        # Sums over the batch are grouped by its width: equal up to their rounding.
        assert np.abs(together.arcs[:, k] - alone.arcs[:, 0]).max() < 1e-13


def test_weak_duality_holds_for_any_multipliers():
    # The primal value of feasible flows is never below the dual value of any multipliers.
    p = problem(9, [1.0])
    solution = condition(p)
    best = primal_value(p, solution.arcs)[0]
    rng = np.random.default_rng(0)
    for _ in range(50):
        t = solution.multipliers + rng.normal(0, 0.3, solution.multipliers.shape)
        assert evaluate(p, t).value[0] <= best + 1e-12


def test_no_feasible_flow_beats_the_estimate():
    # Flows of other multipliers are in balance too, so they compete.
    from opiateroutes.flows.kernel.dual import flows_at

    p = problem(10, [1.0])
    solution = condition(p)
    best = primal_value(p, solution.arcs)[0]
    rng = np.random.default_rng(1)
    for _ in range(50):
        t = solution.multipliers + rng.normal(0, 0.2, solution.multipliers.shape)
        other = flows_at(p, evaluate(p, t))
        assert primal_value(p, other)[0] >= best - 1e-12


def test_directional_derivative_of_the_dual_is_the_gradient():
    from opiateroutes.flows.kernel.condition import _certificate
    from opiateroutes.flows.kernel.dual import flows_at

    p = problem(11, [1.0])
    t = np.full_like(p.target, 0.1)
    point = evaluate(p, t)
    gradient = _certificate(p, t, flows_at(p, point))[2]
    rng = np.random.default_rng(2)
    for _ in range(10):
        direction = rng.normal(0, 1, t.shape)
        step = 1e-6
        ahead, behind = (evaluate(p, t + s * step * direction).value[0] for s in (1, -1))
        slope = (ahead - behind) / (2 * step)
        assert abs(slope - (gradient * direction).sum()) < 1e-7
