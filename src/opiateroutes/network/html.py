"""The card that a notebook shows for a network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opiateroutes.network.route_network import RouteNetwork

__all__ = ["network_card"]


def network_card(net: RouteNetwork) -> str:
    """Describe a network in a small HTML table; all text is escaped."""
    counts = {
        "nodes": net.nodes["kind"].value_counts(),
        "legs": net.legs["mode"].value_counts(),
    }
    rows = [
        f"<tr><th style='text-align:left'>{name}</th><td>{int(count.sum())}</td><td>"
        + escape(", ".join(f"{n} {kind}" for kind, n in sorted(count.items())))
        + "</td></tr>"
        for name, count in counts.items()
    ]
    rows += [
        f"<tr><th style='text-align:left'>{escape(str(key))}</th><td colspan='2'>"
        f"{escape(str(value))}</td></tr>"
        for key, value in net.meta.items()
    ]
    return (
        "<div><strong>RouteNetwork</strong>"
        f"<table style='margin-top:4px'>{''.join(rows)}</table></div>"
    )
