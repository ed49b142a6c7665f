"""Classic interdiction on any graph, exactly: the worst for a flow or for a route in a budget.

Both problems take the network as it is: how much is moved, and by which routes, is the best answer
to what is blocked. What enforcement does to an estimated flow, which answers less sharply, is told
by `opiateroutes.find_chokepoints` and `opiateroutes.best_set`.
"""

from opiateroutes.chokepoints.interdiction.max_flow import max_flow_interdiction
from opiateroutes.chokepoints.interdiction.result import Interdiction
from opiateroutes.chokepoints.interdiction.shortest_path import shortest_path_interdiction

__all__ = ["Interdiction", "max_flow_interdiction", "shortest_path_interdiction"]
