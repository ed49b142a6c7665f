"""Where the network narrows: perturbing a fit, with displacement."""

from opiateroutes.chokepoints.criticality import Chokepoints, find_chokepoints

__all__ = ["Chokepoints", "find_chokepoints"]
