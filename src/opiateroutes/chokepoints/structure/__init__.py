"""What the shape of a network alone says: cuts, disjoint routes, separators, betweenness.

All functions take a network, a fit or an ensemble (its network, with the flows as columns), or any
networkx graph, with ids of any kind. Each result states how parallel legs were read. Shares of
nodes name their denominators; how connected a network stays as nodes are removed is told by
`opiateroutes.describe_topology`.
"""

from opiateroutes.chokepoints.structure.betweenness import Betweenness, betweenness
from opiateroutes.chokepoints.structure.cheapest_routes import cheapest_routes
from opiateroutes.chokepoints.structure.disjoint_routes import disjoint_routes
from opiateroutes.chokepoints.structure.dominators import Dominators, dominators
from opiateroutes.chokepoints.structure.minimum_cut import MinimumCut, minimum_cut
from opiateroutes.chokepoints.structure.routes import Routes
from opiateroutes.chokepoints.structure.separators import (
    Separators,
    articulation_points,
    bridges,
)

__all__ = [
    "Betweenness",
    "Dominators",
    "MinimumCut",
    "Routes",
    "Separators",
    "articulation_points",
    "betweenness",
    "bridges",
    "cheapest_routes",
    "disjoint_routes",
    "dominators",
    "minimum_cut",
]
