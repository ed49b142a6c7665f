"""What the network is: nodes and legs, with no observation and no estimate in it."""

from opiateroutes.network.route_network import RouteNetwork, from_networkx
from opiateroutes.network.saved import read_network
from opiateroutes.network.shipped import load_network

__all__ = ["RouteNetwork", "from_networkx", "load_network", "read_network"]
