"""A fit in a few lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.units import format_kg, format_kg_interval

if TYPE_CHECKING:
    from opiateroutes.flows.fit import FlowFit

__all__ = ["fit_summary"]


def fit_summary(fit: FlowFit, *, by: str, weighed: bool) -> str:
    """Say what was estimated and how well it is certified; see `FlowFit.summary`.

    Parameters
    ----------
    fit
        The fit.
    by
        Words that name the method, where it is a baseline.
    weighed
        Whether the method weighs evidence against the model, so that flows have intervals.
    """
    year = f", {fit.year}" if fit.year else ""
    exits = fit.nodes[["consumption_kg", "seizure_kg", "unaccounted_kg"]].sum()
    evidence_legs = (fit.legs["basis"] == "evidence") & (fit.legs["flow_kg"] > 0)
    known = fit.supply_low_kg == fit.supply_low_kg  # not missing
    bounds = format_kg_interval(fit.supply_low_kg, fit.supply_high_kg)
    interval = f" (90 % interval {bounds})" if known else ""
    consumed, seized, unaccounted = (format_kg(exits[column]) for column in exits.index)
    published = int((fit.residuals["kind"] == "flow").sum())
    carrying = int((fit.legs["flow_kg"] > 0).sum())
    certificate = fit.certificate
    lines = [
        (f"Estimated flows of {_what(fit)}{year}{by}: supply {format_kg(fit.supply_kg)}{interval}"),
        f"consumed {consumed}, seized {seized}, unaccounted {unaccounted}",
        (
            f"{carrying} legs carry flow; {int(evidence_legs.sum())} rest mainly on evidence, "
            "the others on the model"
            if weighed
            else f"{carrying} legs carry flow; this method gives no intervals"
        ),
        (
            f"{len(fit.residuals)} evidence rows {'used' if weighed else 'beside it'} "
            f"({published} published flows), {len(fit.unused)} set aside"
        ),
        (
            f"certificate: gap {certificate.gap:.1e}, balance {certificate.balance:.1e}, "
            f"{certificate.iterations} iterations"
        ),
        *(f"note: {note}" for note in fit.provenance.get("notes", ())),
    ]
    return "\n".join(lines)


def _what(fit: FlowFit) -> str:
    """Name the commodities that the network tells apart."""
    names = str(fit.network.meta.get("commodities", "heroin")).split(";")
    return names[0] if len(names) == 1 else f"{', '.join(names)} in heroin equivalent"
