"""Random estimation problems, and the same problem written for a general conic solver."""

from __future__ import annotations

import numpy as np
import pandas as pd

import opiateroutes as opr
from opiateroutes.evidence.priors import shipped_priors


def random_case(seed, *, n_nodes=None, n_sources=None):
    """A connected random network with parallel legs, and evidence of every kind on it."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 14)) if n_nodes is None else n_nodes
    names = [f"n{k:02d}" for k in range(n)]
    pairs = [(k, k + 1) for k in range(n - 1)]
    pairs += [tuple(p) for p in rng.integers(0, n, (3 * n, 2)) if p[0] != p[1]]
    legs = pd.DataFrame(
        {
            "from_node": [names[i] for i, _ in pairs],
            "to_node": [names[j] for _, j in pairs],
            "cost": rng.uniform(1.6, 4.0, len(pairs)),
        }
    )
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": names}), legs)
    q = int(rng.integers(1, 3)) if n_sources is None else n_sources
    supply = pd.DataFrame({"node": names[:q], "best_kg": rng.uniform(50, 400, q), "sd_kg": 10.0})
    total = supply["best_kg"].sum()
    ends = names[n // 3 :]
    demand = pd.DataFrame(
        {"node": ends, "best_kg": rng.dirichlet(np.ones(len(ends))) * 0.7 * total + 1e-3}
    )
    demand["sd_kg"] = demand["best_kg"] * rng.uniform(0.1, 0.6, len(demand))
    seized = [names[k] for k in rng.choice(np.arange(1, n), max(1, n // 2), replace=False)]
    seizures = pd.DataFrame(
        {
            "node": seized,
            "best_kg": rng.uniform(0.001, 0.03, len(seized)) * total,
            "sd_kg": 0.02 * total,
        }
    )
    flows = pd.DataFrame(
        {
            "row": ["first", "second"],
            "from_node": [names[0], "*"],
            "to_node": [names[1], names[-1]],
            "best_kg": rng.uniform(0.1, 0.5, 2) * total,
            "sd_kg": rng.uniform(0.05, 0.2, 2) * total,
        }
    )
    evidence = opr.Evidence.from_tables(
        supply=supply, demand=demand, seizures=seizures, flows=flows, priors=shipped_priors()
    )
    return net, evidence


def conic_flows(fit, n_effective):
    """Solve the primal with cvxpy and Clarabel, written from METHODS and not from our dual."""
    import cvxpy as cp
    import scipy.sparse as sp

    measure = fit.measure
    n, m, exits = measure.n_nodes, len(measure.legs), len(measure.exit_node)
    total = measure.supply_kg.sum()
    leg_out = sp.csr_matrix((np.ones(m), (measure.tail, np.arange(m))), shape=(n, m))
    leg_in = sp.csr_matrix((np.ones(m), (measure.head, np.arange(m))), shape=(n, m))
    ends = sp.csr_matrix((np.ones(exits), (measure.exit_node, np.arange(exits))), shape=(n, exits))
    f, e = cp.Variable(m, nonneg=True), cp.Variable(exits, nonneg=True)
    through = leg_out @ f + ends @ e
    objective = (
        cp.sum(cp.rel_entr(f, through[measure.tail]))
        + cp.sum(cp.rel_entr(e, through[measure.exit_node]))
        - measure.leg_log_weight @ f
        - measure.exit_log_weight @ e
    )
    position = {leg: k for k, leg in enumerate(measure.legs)}
    exit_at = {
        (kind, measure.nodes[node]): k
        for k, (kind, node) in enumerate(zip(measure.exit_kind, measure.exit_node, strict=True))
    }
    figures = pd.concat([fit.evidence.demand, fit.evidence.seizures, fit.evidence.flows])
    for name, row in fit.residuals.iterrows():
        if row["kind"] == "supply":
            continue
        if row["kind"] == "flow":
            estimate = sum(f[position[leg]] for leg in row["legs"].split(";") if leg in position)
        else:
            kind = "consumption" if row["kind"] == "demand" else "seizure"
            estimate = e[exit_at[kind, row["nodes"]]]
        sd = figures.at[name, "sd_kg"] / total
        misfit = (estimate - row["evidence_kg"] / total) / (sd * np.sqrt(n_effective))
        objective += 0.5 * cp.square(misfit)
    balance = [through == measure.supply_kg / total + leg_in @ f]
    tight = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-13)
    cp.Problem(cp.Minimize(objective), balance).solve(
        solver=cp.CLARABEL,
        **tight,
        reduced_tol_gap_abs=1e-10,
        reduced_tol_gap_rel=1e-10,
        reduced_tol_feas=1e-10,
        max_iter=400,
    )
    return np.concatenate([f.value, e.value]) * total
