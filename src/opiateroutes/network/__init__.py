"""What the network is: nodes and legs, with no observation and no estimate in it."""

from opiateroutes.network.itineraries import network_from_itineraries
from opiateroutes.network.route_network import RouteNetwork, from_networkx
from opiateroutes.network.saved import read_network
from opiateroutes.network.shipped import load_network
from opiateroutes.network.topology import Topology, describe_topology

__all__ = [
    "RouteNetwork",
    "Topology",
    "describe_topology",
    "from_networkx",
    "load_network",
    "network_from_itineraries",
    "read_network",
]
