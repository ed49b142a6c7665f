"""What a printed map says about itself: title, what is in view, notice, licence, projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opiateroutes.maps.static.land import layer_path
from opiateroutes.maps.static.marks import nodes_in

if TYPE_CHECKING:
    import os

    from opiateroutes.maps.inputs import NetworkTables
    from opiateroutes.maps.static.frame import Frame

__all__ = ["notice_text", "subtitle_text", "title_text"]


def title_text(net: NetworkTables, title: str | None) -> str:
    """Return the title given, or else the one that the network has.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> title_text(opr.load_network("countries"), None)
    'Afghan opiate routes: countries'
    """
    if title is not None:
        return title
    meta = _meta(net)
    return ": ".join(str(meta[key]) for key in ("title", "level") if meta.get(key))


def subtitle_text(net: NetworkTables, frame: Frame) -> str:
    """Say how much of the network is in view, and where the map is true to scale.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.maps.static.frame import Frame
    >>> subtitle_text(opr.load_network("countries"), Frame(66.5, 34.0, 5e5, 3e5))
    '1 of 84 nodes in view  |  centre of the map 34° N, 66.5° E'
    """
    total, seen = len(net.nodes), int(nodes_in(net, frame).sum())
    nowhere = int((net.nodes.geometry.isna() | net.nodes.geometry.is_empty).sum())
    parts = [f"{seen} of {total} nodes in view" if seen < total else f"{total} nodes"]
    parts += [f"{nowhere} without a position"] if nowhere else []
    centre = f"{_degrees(frame.lat, 'NS')}, {_degrees(frame.lon, 'EW')}"
    return "  |  ".join([*parts, f"centre of the map {centre}"])


def notice_text(net: NetworkTables, basemap: str | os.PathLike[str] | None) -> str:
    r"""Join the boundary notice with what must be said of the network, in two paragraphs.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> notice_text(opr.load_network("countries"), None).split("\n")[1][:18]
    'Network: ODbL 1.0 '
    """
    notice = layer_path("boundary_notice.txt", basemap).read_text(encoding="utf-8")
    meta = _meta(net)
    about = [
        f"{word}: {meta[key]}."
        for word, key in (("Network", "licence"), ("Lines", "geometry"))
        if meta.get(key)
    ]
    about.append("Projection: Lambert azimuthal equal-area about the centre of the map.")
    return f"{' '.join(notice.split())}\n{' '.join(about)}"


def _meta(net: NetworkTables) -> dict[str, Any]:
    return dict(getattr(net, "meta", None) or {})


def _degrees(value: float, letters: str) -> str:
    return f"{abs(value):g}° {letters[value < 0]}"
