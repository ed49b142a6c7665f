"""Maps for print: networks and flows drawn by matplotlib, the same bytes every time."""

from opiateroutes.maps.static.displacement_plot import plot_displacement
from opiateroutes.maps.static.flow_plot import plot_flows
from opiateroutes.maps.static.plot import plot_network

__all__ = ["plot_displacement", "plot_flows", "plot_network"]
