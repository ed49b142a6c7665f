"""Maps for print: a network drawn by matplotlib, the same bytes every time."""

from opiateroutes.maps.static.plot import plot_network

__all__ = ["plot_network"]
