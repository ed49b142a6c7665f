"""The best set of places within a budget: exact, with a bound, beside the usual rules."""

from opiateroutes.chokepoints.best_set.curve import best_sets
from opiateroutes.chokepoints.best_set.result import BestSet
from opiateroutes.chokepoints.best_set.search import best_set

__all__ = ["BestSet", "best_set", "best_sets"]
