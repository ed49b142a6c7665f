"""Afghan opiate routes as a network: flows, chokepoints and maps.

Three kinds of statement are never mixed: what the network is (`RouteNetwork`), what was observed
(`Evidence`, each figure with its interval and source) and what is estimated (`FlowFit`,
`Chokepoints`, each with interval, provenance and certificate).

Names are imported when they are first used, so that ``import opiateroutes`` and the command line
answer at once.

Examples
--------
>>> import opiateroutes as opr
>>> fit = opr.estimate_flows(opr.load_network("countries"), opr.load_evidence(year=2010))
>>> table = opr.find_chokepoints(fit)
>>> page = opr.explore(fit, chokepoints=table)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opiateroutes.chokepoints import (
        BestSet,
        Chokepoints,
        best_set,
        best_sets,
        find_chokepoints,
        find_combinations,
        rank_flips,
    )
    from opiateroutes.chokepoints.interdiction import (
        Interdiction,
        max_flow_interdiction,
        shortest_path_interdiction,
    )
    from opiateroutes.chokepoints.structure import (
        Betweenness,
        Dominators,
        MinimumCut,
        Routes,
        Separators,
        articulation_points,
        betweenness,
        bridges,
        cheapest_routes,
        disjoint_routes,
        dominators,
        minimum_cut,
    )
    from opiateroutes.data import load_routes, load_sources
    from opiateroutes.evidence import (
        Coverage,
        Evidence,
        evidence_coverage,
        load_evidence,
        load_precursor_seizures,
        load_prices,
        precursor_template,
        read_covariates,
        read_cultivation,
        read_itineraries,
        read_prevalence,
        read_prices,
        read_seizures,
        route_shares,
    )
    from opiateroutes.flows import (
        Calibration,
        Changes,
        Comparison,
        FlowEnsemble,
        FlowFit,
        FlowYears,
        Holdout,
        PriorWeights,
        calibrate_costs,
        compare,
        estimate_flows,
        estimate_precursor_flows,
        estimate_years,
        find_conflicts,
        leave_one_source_out,
        prior_weights,
        sample_flows,
        vintage_holdout,
    )
    from opiateroutes.maps import explore
    from opiateroutes.maps.coverage_plot import plot_coverage
    from opiateroutes.network import (
        RouteNetwork,
        Topology,
        describe_topology,
        from_networkx,
        load_network,
        network_from_itineraries,
        read_network,
    )
    from opiateroutes.reports import chokepoint_report

__version__ = "0.1.0"

_HOME = {
    "BestSet": "chokepoints",
    "Betweenness": "chokepoints.structure",
    "Calibration": "flows",
    "Changes": "flows",
    "Chokepoints": "chokepoints",
    "Comparison": "flows",
    "Coverage": "evidence",
    "Dominators": "chokepoints.structure",
    "Evidence": "evidence",
    "FlowEnsemble": "flows",
    "FlowFit": "flows",
    "FlowYears": "flows",
    "Holdout": "flows",
    "Interdiction": "chokepoints.interdiction",
    "MinimumCut": "chokepoints.structure",
    "PriorWeights": "flows",
    "RouteNetwork": "network",
    "Routes": "chokepoints.structure",
    "Separators": "chokepoints.structure",
    "Topology": "network",
    "articulation_points": "chokepoints.structure",
    "best_set": "chokepoints",
    "best_sets": "chokepoints",
    "betweenness": "chokepoints.structure",
    "bridges": "chokepoints.structure",
    "calibrate_costs": "flows",
    "cheapest_routes": "chokepoints.structure",
    "chokepoint_report": "reports",
    "compare": "flows",
    "describe_topology": "network",
    "disjoint_routes": "chokepoints.structure",
    "dominators": "chokepoints.structure",
    "estimate_flows": "flows",
    "estimate_precursor_flows": "flows",
    "estimate_years": "flows",
    "evidence_coverage": "evidence",
    "explore": "maps",
    "find_chokepoints": "chokepoints",
    "find_combinations": "chokepoints",
    "find_conflicts": "flows",
    "from_networkx": "network",
    "leave_one_source_out": "flows",
    "load_evidence": "evidence",
    "load_network": "network",
    "load_precursor_seizures": "evidence",
    "load_prices": "evidence",
    "load_routes": "data",
    "load_sources": "data",
    "max_flow_interdiction": "chokepoints.interdiction",
    "minimum_cut": "chokepoints.structure",
    "network_from_itineraries": "network",
    "plot_coverage": "maps.coverage_plot",
    "precursor_template": "evidence",
    "prior_weights": "flows",
    "rank_flips": "chokepoints",
    "read_covariates": "evidence",
    "read_cultivation": "evidence",
    "read_itineraries": "evidence",
    "read_network": "network",
    "read_prevalence": "evidence",
    "read_prices": "evidence",
    "read_seizures": "evidence",
    "route_shares": "evidence",
    "sample_flows": "flows",
    "shortest_path_interdiction": "chokepoints.interdiction",
    "vintage_holdout": "flows",
}

__all__ = [
    "BestSet",
    "Betweenness",
    "Calibration",
    "Changes",
    "Chokepoints",
    "Comparison",
    "Coverage",
    "Dominators",
    "Evidence",
    "FlowEnsemble",
    "FlowFit",
    "FlowYears",
    "Holdout",
    "Interdiction",
    "MinimumCut",
    "PriorWeights",
    "RouteNetwork",
    "Routes",
    "Separators",
    "Topology",
    "__version__",
    "articulation_points",
    "best_set",
    "best_sets",
    "betweenness",
    "bridges",
    "calibrate_costs",
    "cheapest_routes",
    "chokepoint_report",
    "compare",
    "describe_topology",
    "disjoint_routes",
    "dominators",
    "estimate_flows",
    "estimate_precursor_flows",
    "estimate_years",
    "evidence_coverage",
    "explore",
    "find_chokepoints",
    "find_combinations",
    "find_conflicts",
    "from_networkx",
    "leave_one_source_out",
    "load_evidence",
    "load_network",
    "load_precursor_seizures",
    "load_prices",
    "load_routes",
    "load_sources",
    "max_flow_interdiction",
    "minimum_cut",
    "network_from_itineraries",
    "plot_coverage",
    "precursor_template",
    "prior_weights",
    "rank_flips",
    "read_covariates",
    "read_cultivation",
    "read_itineraries",
    "read_network",
    "read_prevalence",
    "read_prices",
    "read_seizures",
    "route_shares",
    "sample_flows",
    "shortest_path_interdiction",
    "vintage_holdout",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"opiateroutes.{_HOME[name]}"), name)
    raise AttributeError(f"module 'opiateroutes' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
