"""What is estimated: flows by conditioning one path measure on the evidence."""

from opiateroutes.flows.calibration.calibrate import calibrate_costs
from opiateroutes.flows.calibration.calibration import Calibration
from opiateroutes.flows.commodities.precursors import estimate_precursor_flows
from opiateroutes.flows.compare import compare
from opiateroutes.flows.comparison import Comparison
from opiateroutes.flows.conflicts.find import find_conflicts
from opiateroutes.flows.ensemble.ensemble import FlowEnsemble
from opiateroutes.flows.ensemble.sample import sample_flows
from opiateroutes.flows.estimate import estimate_flows
from opiateroutes.flows.fit import Certificate, FlowFit
from opiateroutes.flows.validation.holdout import Holdout
from opiateroutes.flows.validation.prior_weights import PriorWeights, prior_weights
from opiateroutes.flows.validation.sources import leave_one_source_out
from opiateroutes.flows.validation.vintages import vintage_holdout
from opiateroutes.flows.years.changes import Changes
from opiateroutes.flows.years.estimate import estimate_years
from opiateroutes.flows.years.flow_years import FlowYears

__all__ = [
    "Calibration",
    "Certificate",
    "Changes",
    "Comparison",
    "FlowEnsemble",
    "FlowFit",
    "FlowYears",
    "Holdout",
    "PriorWeights",
    "calibrate_costs",
    "compare",
    "estimate_flows",
    "estimate_precursor_flows",
    "estimate_years",
    "find_conflicts",
    "leave_one_source_out",
    "prior_weights",
    "sample_flows",
    "vintage_holdout",
]
