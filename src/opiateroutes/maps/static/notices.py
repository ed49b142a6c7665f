"""The notice under a map of flows: of boundaries, sources and projection, in its language.

A paragraph about one disputed place is printed where that place is in view or near it: on a small
figure the room is worth more than a notice about islands that nobody sees.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.errors import MapError
from opiateroutes.maps.static.flow_words import NOTICE
from opiateroutes.maps.static.land import layer_path

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from opiateroutes.maps.inputs import NetworkTables
    from opiateroutes.maps.static.flow_words import Words
    from opiateroutes.maps.static.frame import Frame

__all__ = ["notice_in"]

_ABOUT: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "Dotted line": (75.5, 34.5),
        "References to Kosovo": (20.9, 42.6),
        "Final boundary": (28.5, 9.6),
        "A dispute": (-59.2, -51.7),
    }
)
"""How a paragraph of the notice begins -> longitude and latitude of the place it is about."""

_NOTICES = ("full", "brief")
_NEAR = 1.25
_CREDITED = ("OpenStreetMap", "GeoNames")


def notice_in(
    words: Words,
    net: NetworkTables,
    basemap: str | os.PathLike[str] | None,
    frame: Frame,
    *,
    notice: str = "full",
) -> str:
    """Join the notices that a frame needs.

    Parameters
    ----------
    words : Words
        The language.
    net : RouteNetwork
        Whose licence is printed.
    basemap : path-like, optional
        Folder with another base map; its own notice stays in its own language.
    frame : Frame
        What is in view.
    notice : {"full", "brief"}, default "full"
        ``"brief"`` leaves out what is said of single places, and says so.

    Returns
    -------
    str

    Raises
    ------
    MapError
        ``notice`` is neither.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.maps.static.flow_words import words_in
    >>> from opiateroutes.maps.static.frame import Frame
    >>> net, frame = opr.load_network("countries"), Frame(20.0, 42.0, 1e6, 5e5)
    >>> notice = notice_in(words_in(), net, None, frame)
    >>> "Kosovo" in notice, "Malvinas" in notice
    (True, False)
    """
    if notice not in _NOTICES:
        raise MapError(f'notice={notice!r}: give "full" or "brief"')
    text = layer_path("boundary_notice.txt", basemap).read_text(encoding="utf-8")
    paragraphs = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if basemap is None:
        kept = [line for line in paragraphs if _concerns(line, frame, notice)]
        paragraphs = [_translated(line, words) for line in kept]
    first = " ".join(paragraphs)
    licence = (getattr(net, "meta", None) or {}).get("licence")
    about = (
        [words.say("network", licence=licence)] if licence and not _credited(licence, text) else []
    )
    about += [words.say("notice_elsewhere")] if notice == "brief" and basemap is None else []
    about.append(
        words.say(
            "projection",
            lat=f"{words.number(abs(frame.lat))}° {words.say('NS'[frame.lat < 0])}",
            lon=f"{words.number(abs(frame.lon))}° {words.say('EW'[frame.lon < 0])}",
        )
    )
    return " ".join([first, *about])


def _credited(licence: str, notice: str) -> bool:
    """Tell whether the notice names everybody whom the licence of the network names."""
    named = [name for name in _CREDITED if name in licence]
    return bool(named) and all(name in notice for name in named)


def _concerns(paragraph: str, frame: Frame, notice: str) -> bool:
    place = next((at for begin, at in _ABOUT.items() if paragraph.startswith(begin)), None)
    if place is None:
        return True
    if notice == "brief":
        return False
    x, y = frame.to_map(np.array([place]))[0]
    return bool(abs(x) < _NEAR * frame.half_width and abs(y) < _NEAR * frame.half_height)


def _translated(paragraph: str, words: Words) -> str:
    known = NOTICE.get(words.language, {})
    return next((own for begin, own in known.items() if paragraph.startswith(begin)), paragraph)
