"""Figures that belong to no window: shown by a notebook, saved with the same bytes every time."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure

from opiateroutes.data import require_writable, write_atomically
from opiateroutes.errors import MapError

if TYPE_CHECKING:
    import numpy.typing as npt

    from opiateroutes.maps.static.frame import Frame

__all__ = [
    "FIXED",
    "PICTURE_FORMATS",
    "MapAxes",
    "MapFigure",
    "new_axes",
    "root_figure",
    "save_figure",
]

# What would otherwise depend on the user's settings, on the clock or on chance.
FIXED: Any = {
    "agg.path.chunksize": 0,
    "lines.scale_dashes": True,
    "patch.force_edgecolor": False,
    "path.effects": [],
    "path.simplify": True,
    "path.simplify_threshold": 1 / 9,
    "path.sketch": None,
    "path.snap": True,
    "pdf.compression": 6,
    "pdf.fonttype": 42,
    "savefig.bbox": None,
    "savefig.transparent": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "opiateroutes",
    "text.antialiased": True,
    # Letters then stand as far apart as `text_size` measures them, at every resolution.
    "text.hinting": "no_hinting",
}
PICTURE_FORMATS = (".png", ".svg", ".pdf")
"""Endings that `save_figure` knows."""

_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_DPI = 200
_NOTEBOOK_DPI = 110


class MapFigure(Figure):
    """A figure outside pyplot: no window, no global state, the same bytes at every saving."""

    def savefig(self, fname: Any, *, transparent: bool | None = None, **kwargs: Any) -> None:
        """Save as `matplotlib.figure.Figure.savefig` does, without the time of day.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> figure, picture = opr.load_network().plot(extent="AFG").figure, io.BytesIO()
        >>> figure.savefig(picture, format="png")
        >>> picture.getvalue()[1:4]
        b'PNG'
        """
        ending = Path(fname).suffix if isinstance(fname, str | Path) else ""
        kind = str(kwargs.get("format") or ending[1:] or "png").lower()
        if kind in _METADATA:
            kwargs["metadata"] = {**_METADATA[kind], **(kwargs.get("metadata") or {})}
        kwargs.setdefault("dpi", _DPI)
        kwargs.setdefault("facecolor", "white")
        with mpl.rc_context(FIXED):
            super().savefig(fname, transparent=transparent, **kwargs)

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=_NOTEBOOK_DPI)
        return picture.getvalue()


class MapAxes(Axes):
    """The frame of a map; a notebook shows the whole sheet it stands on.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> ax = opr.load_network("countries").plot(extent=["AFG"])
    >>> kabul = ax.project(69.17, 34.53)
    >>> mark = ax.plot(*kabul, "r*")
    """

    frame: Frame

    def project(
        self, lon: npt.ArrayLike, lat: npt.ArrayLike
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Bring longitudes and latitudes into the coordinates of this map, to draw on top of it."""
        degrees = np.column_stack([np.atleast_1d(lon), np.atleast_1d(lat)])
        x, y = self.frame.to_map(degrees).T
        return x, y

    def _repr_png_(self) -> bytes | None:
        figure = self.get_figure()
        return figure._repr_png_() if isinstance(figure, MapFigure) else None


def new_axes(figsize: tuple[float, float]) -> MapAxes:
    """Make axes on a figure of their own, which pyplot does not know.

    Examples
    --------
    >>> new_axes((4, 3)).get_figure().get_size_inches().tolist()
    [4.0, 3.0]
    """
    figure = MapFigure(figsize=figsize, facecolor="white")
    FigureCanvasAgg(figure)
    ax = MapAxes(figure, (0, 0, 1, 1))
    figure.add_axes(ax)
    return ax


def root_figure(ax: Axes) -> Figure:
    """Find the figure that axes stand on, also where it has parts.

    Examples
    --------
    >>> ax = new_axes((4, 3))
    >>> root_figure(ax) is ax.get_figure()
    True
    """
    figure = ax.get_figure()
    while isinstance(figure, SubFigure):
        figure = figure.get_figure()
    if figure is None:
        raise MapError("these axes stand on no figure")
    return figure


def save_figure(figure: Figure, path: str | Path) -> Path:
    """Save a figure in one step; the ending chooses png, svg or pdf.

    Raises
    ------
    OutputError
        If the ending is not known or the place cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> save_figure(root_figure(new_axes((2, 2))), tempfile.mkdtemp() + "/map.svg").name
    'map.svg'
    """
    require_writable(path, PICTURE_FORMATS)
    kind = Path(path).suffix[1:].lower()
    with mpl.rc_context(FIXED):
        return write_atomically(
            path,
            lambda draft: figure.savefig(
                draft, format=kind, dpi=_DPI, metadata=_METADATA[kind], facecolor="white"
            ),
        )
