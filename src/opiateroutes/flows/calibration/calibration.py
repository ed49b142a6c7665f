"""The result of a calibration: what the evidence makes of the coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.evidence.parameters import Z90
from opiateroutes.flows.calibration.years import Year

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.calibration.coefficients import Coefficients
    from opiateroutes.flows.calibration.descent import Found
    from opiateroutes.network import RouteNetwork

__all__ = ["Calibration"]


@dataclass(frozen=True, eq=False, repr=False)
class Calibration:
    """Coefficients of the cost model after the evidence; see `calibrate_costs`.

    Parameters
    ----------
    table
        Index ``coefficient``; ``prior_low``, ``prior_best``, ``prior_high``; ``low``, ``best``,
        ``high`` (90 % interval) after the evidence; ``shift_sds`` (how far the best value went, in
        prior standard deviations, on the scale on which the prior is normal); ``leverage``
        (1 - posterior/prior variance there: 0 the prior alone, 1 the evidence alone; below 0 where
        the density is flatter than the prior); ``unit``, ``source`` (of the prior).
    correlation
        Correlation of the coefficients after the evidence.
    objective, prior_objective
        Negative log posterior density at the result and at the priors, nats, up to one constant.
    gradient_norm
        Largest entry of the gradient at the result, nats for each prior standard deviation.
    provenance
        Version, years, options, hashes of the inputs.
    coefficients
        What was calibrated.
    shifts, shift_sd
        Shape ``(coefficients,)``: result and standard deviation, in prior standard deviations.
    """

    table: pd.DataFrame
    correlation: pd.DataFrame
    objective: float
    prior_objective: float
    gradient_norm: float
    provenance: Mapping[str, Any]
    coefficients: Coefficients
    shifts: NDArray[np.float64]
    shift_sd: NDArray[np.float64]

    @classmethod
    def of(
        cls, coefficients: Coefficients, found: Found, provenance: Mapping[str, Any]
    ) -> Calibration:
        """Lay out what a search has found."""
        covariance = np.linalg.inv(found.hessian)
        sd = np.sqrt(np.diag(covariance))
        prior = coefficients.table
        best, *ends = (coefficients.values(found.shifts + z * sd) for z in (0.0, -Z90, Z90))
        table = pd.DataFrame(
            {
                **{f"prior_{name}": prior[name] for name in ("low", "best", "high")},
                "low": ends[0],
                "best": best,
                "high": ends[1],
                "shift_sds": found.shifts,
                "leverage": 1.0 - sd**2,
                "unit": prior["unit"],
                "source": prior["source"],
            }
        )
        names = prior.index
        return cls(
            table=table,
            correlation=pd.DataFrame(covariance / np.outer(sd, sd), index=names, columns=names),
            objective=found.objective,
            prior_objective=found.prior_objective,
            gradient_norm=float(np.abs(found.gradient).max(initial=0.0)),
            provenance={**provenance, "rounds": found.rounds},
            coefficients=coefficients,
            shifts=found.shifts,
            shift_sd=sd,
        )

    def costs(self, net: RouteNetwork, evidence: Evidence) -> pd.Series:
        """Work out the costs of legs under the calibrated coefficients.

        Parameters
        ----------
        net
            A network whose legs have no column ``cost``.
        evidence
            Says where the supply starts: legs back into it are closed.

        Returns
        -------
        pandas.Series
            Index ``leg``, nats: the argument ``cost`` of `estimate_flows` and of `sample_flows`.

        Raises
        ------
        NetworkError
            If the network gives the costs of its legs.

        Notes
        -----
        Costs that are given have no coefficients: intervals then leave the spread of these out.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> net, evidence = opr.load_network(), opr.load_evidence(2010)
        >>> costs = opr.calibrate_costs(net, evidence).costs(net, evidence)
        >>> bool(costs["AFG>IRN:land"] > 0), float(costs["IRN>AFG:land"])
        (True, inf)
        """
        return Year.of(net, evidence).costs_at(self.coefficients, self.shifts)

    def evidence(self, evidence: Evidence) -> Evidence:
        """Put the calibrated weights of exits into evidence.

        Parameters
        ----------
        evidence
            Evidence with the priors that were calibrated, of any year.

        Returns
        -------
        Evidence
            The same figures; ``consumption_weight`` and ``unaccounted_weight`` of the priors, with
            their bounds, are those after the evidence. Weights of places for which other bounds
            are assumed stay.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> evidence = opr.load_evidence(2010)
        >>> found = opr.calibrate_costs(opr.load_network(), evidence)
        >>> bool(found.evidence(evidence).priors.at["*", "unaccounted_weight"] > 1)
        True
        """
        margin = Z90 * self.shift_sd
        ends = (self.shifts - margin, self.shifts + margin)
        return self.coefficients.weighed(evidence, self.shifts, ends)

    def summary(self) -> str:
        """Say in a few lines what the evidence makes of the coefficients.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> found = opr.calibrate_costs(opr.load_network(), opr.load_evidence(2010))
        >>> found.summary().splitlines()[0]
        'Calibrated 7 coefficients on evidence of 2010, a prior worth 30 shipments'
        """
        years = ", ".join(str(y) for y in self.provenance["years"] if y is not None)
        of_years = f" on evidence of {years}" if years else ""
        head = (
            f"Calibrated {len(self.table)} coefficients{of_years}, "
            f"a prior worth {self.provenance['n_effective']:g} shipments"
        )
        rows = [
            f"{row.Index}: {row.prior_best:.2f} -> {row.best:.2f} (90 % interval {row.low:.2f} to "
            f"{row.high:.2f}), {row.shift_sds:+.1f} sd, leverage {row.leverage:.2f}"
            for row in self.table.itertuples()
        ]
        tail = (
            f"Objective {self.prior_objective:.2f} -> {self.objective:.2f} nats, "
            f"gradient {self.gradient_norm:.1e}"
        )
        return "\n".join([head, *rows, tail])

    def __repr__(self) -> str:
        gain = self.prior_objective - self.objective
        return f"<Calibration of {len(self.table)} coefficients, {gain:.2f} nats gained>"

    def _repr_html_(self) -> str:
        head, *_, tail = (escape(line) for line in self.summary().splitlines())
        rows = "".join(
            f"<tr><td style='text-align:left'>{escape(str(row.Index))}</td>"
            f"<td>{row.prior_best:.2f} ({row.prior_low:.2f} to {row.prior_high:.2f})</td>"
            f"<td>{row.best:.2f} ({row.low:.2f} to {row.high:.2f})</td>"
            f"<td>{row.shift_sds:+.1f}</td><td>{row.leverage:.2f}</td>"
            f"<td style='text-align:left'>{escape(str(row.unit))}</td>"
            f"<td style='text-align:left'>{escape(str(row.source))}</td></tr>"
            for row in self.table.itertuples()
        )
        heads = "".join(
            f"<th>{name}</th>"
            for name in ("coefficient", "prior", "after", "shift, sd", "leverage", "unit", "source")
        )
        return (
            f"<div><strong>{head}</strong><br>{tail}<table style='margin-top:4px'>"
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        )
