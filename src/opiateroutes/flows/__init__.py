"""What is estimated: flows by conditioning one path measure on the evidence."""

from opiateroutes.flows.estimate import estimate_flows
from opiateroutes.flows.fit import Certificate, FlowFit

__all__ = ["Certificate", "FlowFit", "estimate_flows"]
