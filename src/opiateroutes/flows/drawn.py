"""Flows as maps, from the result itself."""

from __future__ import annotations

from typing import Any

from opiateroutes.network.drawing import drawing

__all__ = ["DrawnFlows"]


class DrawnFlows:
    """What `opiateroutes.maps` can draw: a fit, or an ensemble at its best values."""

    def plot(self, **options: Any) -> Any:
        """Draw the flows as a map for print.

        Parameters
        ----------
        **options
            As for `opiateroutes.maps.static.plot_flows`: ``share``, ``extent``, ``labels``,
            ``size``, ``title``, ``language``, ``chokepoints``, ``out`` and others.

        Returns
        -------
        matplotlib.figure.Figure
            Outside pyplot; a notebook shows it.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> axes = fit.plot(extent=["AFG", "IRN"], size=(20, 14)).axes[0]
        """
        return drawing("static", "plot_flows")(self, **options)

    def explore(self, **options: Any) -> Any:
        """Draw the flows as an interactive map.

        Parameters
        ----------
        **options
            As for `opiateroutes.explore`: ``chokepoints``, ``routes``, ``basemap``.

        Returns
        -------
        folium.Map
            A notebook shows it; ``save`` writes it as one file that asks the network for nothing.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> page = fit.explore()
        """
        return drawing("interactive", "explore")(self, **options)
