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


def with_ratios(evidence, seed, *, sd=0.05):
    """The same evidence with a share of what enters a node, one of what leaves, and two rates."""
    rng = np.random.default_rng(seed)
    nodes = evidence.demand["node"].tolist()
    first, second, last = (evidence.flows.at["flow:first", "from_nodes"], nodes[0], nodes[-1])
    neighbour = evidence.flows.at["flow:first", "to_nodes"]
    shares = pd.DataFrame(
        {
            "row": ["in", "out"],
            # Nodes stand in a line, so that each is entered from the one before at least.
            "from_node": [nodes[-2], first],
            "to_node": [last, neighbour],
            "of_from": ["*", first],
            "of_to": [last, "*"],
            "share": rng.uniform(0.2, 0.8, 2),
            "sd_share": sd,
        }
    )
    rates = pd.DataFrame({"node": [second, last], "rate": rng.uniform(0.02, 0.3, 2)})
    return opr.Evidence.from_tables(
        **{name: getattr(evidence, name) for name in ("supply", "demand", "seizures", "flows")},
        shares=shares,
        interception=rates.assign(sd_rate=sd / 2),
        priors=evidence.priors,
    )


def conic_flows(fit, n_effective):
    """Solve the primal with cvxpy and Clarabel, written from METHODS and not from our dual.

    Shares and rates are weighed anew as often as the fit did, from the same start.
    """
    total = fit.measure.supply_kg.sum()
    conic = _Conic(fit)
    wholes = None
    for _ in range(fit.provenance.get("rounds", 1)):
        arcs, wholes = conic.solve(n_effective, wholes)
    return arcs * total


class _Conic:
    """The primal in shares of the supply: variables, divergence, balance and evidence."""

    def __init__(self, fit):
        import cvxpy as cp
        import scipy.sparse as sp

        measure = fit.measure
        n, m, exits = measure.n_nodes, len(measure.legs), len(measure.exit_node)
        self.total = measure.supply_kg.sum()
        at = (measure.tail, np.arange(m)), (measure.head, np.arange(m))
        leg_out, leg_in = (sp.csr_matrix((np.ones(m), place), shape=(n, m)) for place in at)
        ends = (measure.exit_node, np.arange(exits))
        ends = sp.csr_matrix((np.ones(exits), ends), shape=(n, exits))
        f, e = cp.Variable(m, nonneg=True), cp.Variable(exits, nonneg=True)
        through = leg_out @ f + ends @ e
        self.f, self.e = f, e
        self.divergence = (
            cp.sum(cp.rel_entr(f, through[measure.tail]))
            + cp.sum(cp.rel_entr(e, through[measure.exit_node]))
            - measure.leg_log_weight @ f
            - measure.exit_log_weight @ e
        )
        self.balance = [through == measure.supply_kg / self.total + leg_in @ f]
        self.weights, self.ratios = [], []
        for name, row in fit.residuals.iterrows():
            if row["kind"] not in ("supply", "price_gap"):
                self._add(fit, through, name, row)

    def _add(self, fit, through, name, row):
        measure, evidence = fit.measure, fit.evidence
        legs = fit.network.legs.loc[measure.legs]

        def between(starts, ends):
            leaves = (
                ~legs["from_node"].isin(ends.split(";"))
                if starts == "*"
                else (legs["from_node"].isin(starts.split(";")))
            )
            enters = (
                ~legs["to_node"].isin(starts.split(";"))
                if ends == "*"
                else (legs["to_node"].isin(ends.split(";")))
            )
            return (leaves & enters).to_numpy("float64")

        def at_exit(kind, node):
            at = measure.nodes[measure.exit_node] == node
            return self.e[int(np.flatnonzero((measure.exit_kind == kind) & at)[0])]

        if row["kind"] == "flow":
            figure = evidence.flows.loc[name]
            expression = between(figure["from_nodes"], figure["to_nodes"]) @ self.f
            self.weights.append((expression, figure["best_kg"], figure["sd_kg"]))
        elif row["kind"] == "share":
            figure = evidence.shares.loc[name]
            part = between(figure["from_nodes"], figure["to_nodes"])
            whole = between(figure["of_from_nodes"], figure["of_to_nodes"])
            # Where there is one way only the share is 1 and binds nothing.
            if not np.array_equal(part, whole):
                figures = (figure["best_share"], figure["sd_share"])
                self.ratios.append((part @ self.f, whole @ self.f, *figures))
        elif row["kind"] == "interception":
            figure = evidence.interception.loc[name]
            whole = through[int(np.flatnonzero(measure.nodes == figure["node"])[0])]
            part = at_exit("seizure", figure["node"])
            self.ratios.append((part, whole, figure["best_rate"], figure["sd_rate"]))
        else:
            table = evidence.demand if row["kind"] == "demand" else evidence.seizures
            kind = "consumption" if row["kind"] == "demand" else "seizure"
            figure = table.loc[name]
            expression = at_exit(kind, figure["node"])
            self.weights.append((expression, figure["best_kg"], figure["sd_kg"]))

    def solve(self, n_effective, wholes):
        """Return flows, and what the ratios are shares of, in shares of the supply."""
        import cvxpy as cp

        if wholes is None:
            wholes = np.ones(len(self.ratios))
        misfits = [(a - b / self.total, sd / self.total) for a, b, sd in self.weights]
        misfits += [
            (part - figure * whole, sd * size)
            for (part, whole, figure, sd), size in zip(self.ratios, wholes, strict=True)
        ]
        objective = self.divergence + sum(
            0.5 / n_effective * cp.square(misfit / sd) for misfit, sd in misfits if sd > 0
        )
        exact = [misfit == 0 for misfit, sd in misfits if sd == 0]
        tight = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-13)
        loose = {f"reduced_{name}": 1e-10 for name in tight}
        program = cp.Problem(cp.Minimize(objective), [*self.balance, *exact])
        # Its scaling of the equations helps it nearly always, and now and then stops it short.
        for scaled in (True, False):
            try:
                program.solve(
                    cp.CLARABEL, **tight, **loose, max_iter=400, equilibrate_enable=scaled
                )
            except cp.SolverError:
                if not scaled:
                    raise
                continue
            break
        sizes = np.array([float(whole.value) for _, whole, _, _ in self.ratios])
        return np.concatenate([self.f.value, self.e.value]), sizes
