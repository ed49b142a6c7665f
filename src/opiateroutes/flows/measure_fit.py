"""The fit by the path measure: bind, condition, certify, read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.errors import ConvergenceError
from opiateroutes.flows.binding.bind import bind
from opiateroutes.flows.certificate import certified
from opiateroutes.flows.conditioned import Conditioned
from opiateroutes.flows.conflicts.exact import far_apart, refuse_beyond_model
from opiateroutes.flows.fit import FlowFit
from opiateroutes.flows.reading.frames import FitTables
from opiateroutes.flows.reading.residuals import residual_frame
from opiateroutes.flows.reading.spread import interval, spread_of
from opiateroutes.flows.reweighting import settle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.binding.bind import Bound
    from opiateroutes.flows.binding.price_gaps import Priced
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.reweighting import Settled
    from opiateroutes.network import RouteNetwork

__all__ = ["measure_fit"]


def measure_fit(
    net: RouteNetwork,
    evidence: Evidence,
    priced: Priced,
    *,
    supply: pd.DataFrame,
    coefficients: pd.DataFrame,
    provenance: dict[str, Any],
    n_effective: float,
    structural_sd: float,
) -> FlowFit:
    """Estimate the flows of a supply that is not zero.

    Parameters
    ----------
    net, evidence
        The network and the evidence, its ids checked.
    priced
        Costs of the legs, price gaps taken into account.
    supply
        The supplies that lie in the network.
    coefficients
        Index ``leg``: change of the cost for one standard deviation of each coefficient.
    provenance
        Of the result; the number of rounds is added where there are several.
    n_effective, structural_sd
        See `opiateroutes.estimate_flows`.
    """
    bound, problem, solution, rounds = _settled(bind(net, evidence, priced.costs), n_effective)
    if rounds > 1:
        provenance["rounds"] = rounds
    certificate = certified(problem, solution)
    total = float(bound.measure.supply_kg.sum())
    spread = spread_of(
        problem,
        solution,
        n_effective=n_effective,
        structural_sd=structural_sd,
        coefficient_spread=coefficients.to_numpy("float64"),
        supply_sd=_supply_sd(bound.measure, supply) / total,
    )
    arcs_kg = solution.arcs[:, 0] * total
    tables = FitTables(net, bound.measure, bound.rows.names, arcs_kg, spread)
    low, high = interval(np.array([total]), np.array([np.sqrt((supply["sd_kg"] ** 2).sum())]))
    return FlowFit(
        network=net,
        evidence=evidence,
        legs=tables.legs(),
        nodes=tables.nodes(),
        residuals=residual_frame(
            net,
            evidence,
            bound.rows,
            bound.rows.values(arcs_kg[:, None])[:, 0],
            solution.multipliers[:, 0],
            estimates=pd.concat([bound.ratios.estimates(arcs_kg), priced.estimates]),
        ),
        unused=pd.concat([bound.unused, priced.unused]).rename_axis("row"),
        certificate=certificate,
        provenance=provenance,
        measure=bound.measure,
        arcs_kg=arcs_kg,
        supply_kg=total,
        supply_low_kg=float(low[0]),
        supply_high_kg=float(high[0]),
        spread=spread,
        conditioned=Conditioned(
            bound,
            problem,
            solution,
            coefficients,
            _supply_sd(bound.measure, supply),
            n_effective=n_effective,
            structural_sd=structural_sd,
        ),
    )


def _supply_sd(measure: PathMeasure, supply: pd.DataFrame) -> NDArray[np.float64]:
    """Return the standard deviation of each source of the measure, kg."""
    by_node = supply.set_index("node")["sd_kg"]
    sd: NDArray[np.float64] = by_node.reindex(measure.nodes[measure.sources]).to_numpy("float64")
    return sd


def _settled(bound: Bound, n_effective: float) -> Settled:
    """Condition a bound problem; evidence that stops the solver is named."""
    try:
        return settle(bound, n_effective=n_effective)
    except ConvergenceError as error:
        nowhere = np.full(bound.measure.n_arcs, np.nan)
        refuse_beyond_model(bound.measure, bound.rows, nowhere)
        raise ConvergenceError(f"{error}.{far_apart(bound.measure, bound.rows)}") from error
