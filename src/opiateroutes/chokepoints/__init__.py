"""Where the network narrows: perturbing a fit, with displacement."""

from opiateroutes.chokepoints.best_set import BestSet, best_set, best_sets
from opiateroutes.chokepoints.combinations import find_combinations
from opiateroutes.chokepoints.criticality import find_chokepoints
from opiateroutes.chokepoints.flips import rank_flips
from opiateroutes.chokepoints.result import Chokepoints

__all__ = [
    "BestSet",
    "Chokepoints",
    "best_set",
    "best_sets",
    "find_chokepoints",
    "find_combinations",
    "rank_flips",
]
