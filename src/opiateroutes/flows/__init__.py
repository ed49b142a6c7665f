"""What is estimated: flows by conditioning one path measure on the evidence."""

from opiateroutes.flows.compare import compare
from opiateroutes.flows.comparison import Comparison
from opiateroutes.flows.conflicts.find import find_conflicts
from opiateroutes.flows.ensemble.ensemble import FlowEnsemble
from opiateroutes.flows.ensemble.sample import sample_flows
from opiateroutes.flows.estimate import estimate_flows
from opiateroutes.flows.fit import Certificate, FlowFit
from opiateroutes.flows.precursors import estimate_precursor_flows

__all__ = [
    "Certificate",
    "Comparison",
    "FlowEnsemble",
    "FlowFit",
    "compare",
    "estimate_flows",
    "estimate_precursor_flows",
    "find_conflicts",
    "sample_flows",
]
