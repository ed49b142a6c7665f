"""How bands look: colour says which, dashes and pallor say how sure; black and white still reads.

Every band lies on a white edge of its own, outside its width, so that crossing bands keep apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.path import Path

from opiateroutes.maps.static.bands import Band, band_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

    Floats = npt.NDArray[np.float64]

__all__ = ["Drawn", "Look", "draw_bands", "drawn_band"]

_THICK = 3.0
"""From this width on, in points, a dashed edge can be seen."""
_EDGE = 0.7
_EDGE_DASHES = (3.4, 2.2)
_HALO = 0.9
_TINT = {"model": 0.28, "pale": 0.42}


class Look(NamedTuple):
    """Colour and kind of a band.

    Attributes
    ----------
    colour
        Of the band.
    kind
        ``"solid"``; ``"model"``: pale with a dashed edge, or cut into dashes where it is thin;
        ``"cut"``: cut into dashes whatever its width.
    is_pale
        Drawn in a tint of the colour.
    """

    colour: str
    kind: str = "solid"
    is_pale: bool = False


class Drawn(NamedTuple):
    """A band with its inks.

    Attributes
    ----------
    band
        Its shape.
    face, edge
        Colours; the edge may be ``"none"``.
    """

    band: Band
    face: str
    edge: str


def drawn_band(
    start: Floats,
    end: Floats,
    look: Look,
    *,
    width: float,
    radius: float,
    beside: bool = False,
    bow: float = 1.0,
) -> Drawn:
    """Make a band of a look; see `opiateroutes.maps.static.bands.band_of`.

    Examples
    --------
    >>> ends = np.array([0.0, 0.0]), np.array([100.0, 0.0])
    >>> drawn_band(*ends, Look("#D55E00", "model"), width=8.0, radius=2.0).edge
    '#D55E00'
    """
    has_edge = look.kind == "model" and width >= _THICK
    cut = look.kind == "cut" or (look.kind == "model" and not has_edge)
    # The edge stands half outside: the body is that much narrower, and the whole is true.
    body = width - _EDGE if has_edge else width
    band = band_of(start, end, width=body, radius=radius, cut=cut, beside=beside, bow=bow)
    face = _tint(look.colour, _TINT["model"]) if has_edge else look.colour
    face = _tint(look.colour, _TINT["pale"]) if look.is_pale else face
    return Drawn(Band(band.rings, band.line, width), face, look.colour if has_edge else "none")


def draw_bands(
    ax: Axes,
    drawn: Sequence[Drawn],
    transform: Transform,
    *,
    zorder: float,
    gid: str,
    clip: bool = True,
) -> None:
    """Draw bands in order, each on a white edge, in one collection: edge, band, edge, band.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The frame.
    drawn : sequence of Drawn
        The first lies lowest.
    transform : Transform
        From the points of the bands.
    zorder, gid, clip
        As matplotlib knows them.
    """
    if not drawn:
        return
    paths = [_path(each.band) for each in drawn for _ in range(2)]
    plain = (0.0, None)
    bands = PathCollection(
        paths,
        facecolors=[colour for each in drawn for colour in ("white", each.face)],
        edgecolors=[colour for each in drawn for colour in ("white", each.edge)],
        linewidths=[w for each in drawn for w in (_halo(each), _EDGE * (each.edge != "none"))],
        linestyles=[style for each in drawn for style in (plain, _edge_style(each))],
        joinstyle="round",
        transform=transform,
        gid=gid,
    )
    bands.set_zorder(zorder)
    bands.set_in_layout(False)
    ax.add_collection(bands, autolim=False)
    bands.set_clip_on(clip)


def _edge_style(drawn: Drawn) -> Any:
    # Dashes of an edge that has no width are an error in vector formats.
    return (0.0, None if drawn.edge == "none" else _EDGE_DASHES)


def _halo(drawn: Drawn) -> float:
    return _HALO + _EDGE * (drawn.edge != "none")


def _path(band: Band) -> Path:
    vertices = np.concatenate([np.concatenate((ring, ring[:1])) for ring in band.rings])
    codes = [
        code
        for ring in band.rings
        for code in (Path.MOVETO, *[Path.LINETO] * (len(ring) - 1), Path.CLOSEPOLY)
    ]
    return Path(vertices, np.array(codes, dtype=np.uint8))


def _tint(colour: str, strength: float) -> str:
    red, green, blue = (1 - strength * (1 - part) for part in to_rgb(colour))
    return to_hex((red, green, blue))
