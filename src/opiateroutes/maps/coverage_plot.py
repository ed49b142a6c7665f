"""`plot_coverage`: what is known of each country and year, as a grid to print.

Countries stand in panels side by side, so that a hundred of them fit on a sheet. A cell is the
darker the more publications it has; an empty one with a dot is a gap.
"""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch

from opiateroutes.data import area_labels, require_writable
from opiateroutes.errors import MapError
from opiateroutes.maps.static.figure import FIXED, PICTURE_FORMATS, MapFigure, save_figure
from opiateroutes.maps.static.styles import INK, MUTED, font
from opiateroutes.maps.static.text import LINE_SPACING, text_size, wrapped

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from opiateroutes.evidence.coverage import Coverage

__all__ = ["plot_coverage"]

_GAP = "#f4f1ea"
_COLOURS = ("#a5cde2", "#559fc6", "#1f6a98", "#08324f")
"""For one, two, three, and four or more publications."""

_INCH = 72.0
_ROW_IN, _YEAR_IN, _EDGE_IN, _GUTTER_IN, _GAP_IN = 0.155, 0.205, 0.3, 0.1, 0.05
_YEARS_IN, _LEGEND_IN, _WIDTH_IN = 0.4, 0.42, 6.4
_NAME_PT, _TITLE_PT, _TEXT_PT = 6.6, 12.0, 7.4
_ASPECT = 1.41
_NOTE = (
    "A gap means that none of the publications looked at has a figure: it is not a zero. More "
    "publications, editions of one series among them, do not make a figure more right."
)


class _Plan(NamedTuple):
    """Sizes of a sheet in inches."""

    panels: int
    rows: int
    name: float
    width: float
    height: float
    head: list[str]
    foot: list[str]
    title: list[str]


def plot_coverage(
    coverage: Coverage, *, title: str | None = None, save: str | Path | None = None
) -> MapFigure:
    """Draw by how many publications each country and year is covered.

    All kinds of figures in the coverage count together: make one with `kinds` to look at one.

    Parameters
    ----------
    coverage
        What `opiateroutes.evidence_coverage` found.
    title
        Text above the grid.
    save
        Write the figure here: ``.png``, ``.svg`` or ``.pdf``.

    Returns
    -------
    matplotlib.figure.Figure
        Which pyplot does not know; a notebook shows it. Its size follows from the number of
        countries and years.

    Raises
    ------
    MapError
        If there is nothing in the coverage.
    OutputError
        If ``save`` cannot be written.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> figure = plot_coverage(opr.evidence_coverage(["AFG", "IRN"], kinds=["seizures"]))
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['Afghanistan', 'Iran']
    """
    if save is not None:
        require_writable(save, PICTURE_FORMATS)
    if coverage.table.empty:
        raise MapError("nothing to draw: the coverage has no country, no year or no kind of figure")
    grid = _publications(coverage.table)
    heading = "Evidence by country and year" if title is None else title
    with mpl.rc_context(FIXED):
        plan = _plan_of(grid, heading, _kinds_text(coverage.table))
        figure = MapFigure(figsize=(plan.width, plan.height), facecolor="white")
        FigureCanvasAgg(figure)
        for panel in range(plan.panels):
            part = grid.iloc[panel * plan.rows : (panel + 1) * plan.rows]
            _draw_panel(figure, part, panel, plan)
        _write(figure, plan)
    if save is not None:
        save_figure(figure, save)
    return figure


def _publications(table: pd.DataFrame) -> pd.DataFrame:
    """Count different publications: one row a country, one column a year."""
    known = table.loc[table["known"], ["node", "year", "sources"]]
    # A figure without a source is a figure all the same: it counts as one publication.
    each = known.assign(source=known["sources"].fillna("-").str.split("; ")).explode("source")
    count = each.pivot_table(index="node", columns="year", values="source", aggfunc="nunique")
    names = area_labels()["short_name"]
    nodes = sorted(table["node"].unique(), key=lambda node: _sorting(str(names.get(node, node))))
    grid = count.reindex(index=nodes, columns=sorted(table["year"].unique()))
    grid.index = pd.Index([str(names.get(node, node)) for node in nodes])
    return grid.fillna(0).astype("int64")


def _sorting(name: str) -> str:
    """Sort a name by its plain letters: Turkiye before Uganda."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def _kinds_text(table: pd.DataFrame) -> str:
    kinds: dict[str, list[str]] = {}
    for kind in table["kind"].unique():
        name, _, substance = str(kind).partition("_")
        kinds.setdefault(name, []).append(substance.replace("_", " "))
    said = [f"{name} of {', '.join(what)}" if any(what) else name for name, what in kinds.items()]
    return (
        f"Publications with a figure of the country and year, any of: {'; '.join(said)}."
        if len(table["kind"].unique()) > 1
        else f"Publications with a figure of the country and year: {said[0]}."
    )


def _plan_of(grid: pd.DataFrame, title: str, text: str) -> _Plan:
    count, years = grid.shape
    name = max(text_size(label, _NAME_PT)[0] for label in grid.index) / _INCH + 0.12
    panel = name + years * _YEAR_IN + _GUTTER_IN
    around = 2 * _EDGE_IN + _YEARS_IN + _LEGEND_IN + 1.0

    def shape(panels: int) -> float:
        height = math.ceil(count / panels) * _ROW_IN + around
        return abs(math.log(panels * panel / height / _ASPECT))

    panels = min(range(1, count + 1), key=shape) if count > 1 else 1
    rows = math.ceil(count / panels)
    panels = math.ceil(count / rows)
    width = max(panels * panel - _GUTTER_IN + 2 * _EDGE_IN, _WIDTH_IN)
    inner = (width - 2 * _EDGE_IN) * _INCH
    titles, head = wrapped(title, inner, _TITLE_PT * 1.1), wrapped(text, inner, _TEXT_PT)
    foot = wrapped(_NOTE, inner, _TEXT_PT)
    lines = len(titles) * _TITLE_PT + (len(head) + len(foot)) * _TEXT_PT
    texts = LINE_SPACING * lines / _INCH
    height = rows * _ROW_IN + texts + _YEARS_IN + _LEGEND_IN + 2 * _EDGE_IN + 3 * _GAP_IN
    return _Plan(panels, rows, name, width, height, head, foot, titles)


def _draw_panel(figure: MapFigure, part: pd.DataFrame, panel: int, plan: _Plan) -> None:
    count, years = part.shape
    top = plan.height - _EDGE_IN - _YEARS_IN - _head_height(plan)
    left = _EDGE_IN + panel * (plan.name + years * _YEAR_IN + _GUTTER_IN) + plan.name
    size = years * _YEAR_IN, count * _ROW_IN
    ax = figure.add_axes(
        (
            left / plan.width,
            (top - size[1]) / plan.height,
            size[0] / plan.width,
            size[1] / plan.height,
        )
    )
    values = part.to_numpy()
    norm = BoundaryNorm([-0.5, 0.5, 1.5, 2.5, 3.5, math.inf], 1 + len(_COLOURS))
    ax.pcolormesh(
        values, cmap=ListedColormap([_GAP, *_COLOURS]), norm=norm, edgecolors="white", linewidth=0.7
    )
    row, column = np.nonzero(values == 0)
    ax.plot(column + 0.5, row + 0.5, ".", color=MUTED, markersize=2.2, markeredgewidth=0)
    ax.set(xlim=(0, years), ylim=(count, 0))
    _label(ax, part)


def _label(ax: Axes, part: pd.DataFrame) -> None:
    count, years = part.shape
    ax.xaxis.tick_top()
    ax.tick_params(length=0, pad=2, colors=INK)
    ax.set_xticks(np.arange(years) + 0.5, [str(year) for year in part.columns], rotation=90)
    ax.set_yticks(np.arange(count) + 0.5, list(part.index))
    for text in (*ax.get_xticklabels(), *ax.get_yticklabels()):
        text.set(fontproperties=font(_NAME_PT), parse_math=False)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _head_height(plan: _Plan) -> float:
    points = len(plan.title) * _TITLE_PT + len(plan.head) * _TEXT_PT
    return points * LINE_SPACING / _INCH + 2 * _GAP_IN


def _write(figure: MapFigure, plan: _Plan) -> None:
    """Put title, explanation, legend and note around the panels."""
    left, at = _EDGE_IN / plan.width, plan.height - _EDGE_IN
    plain: dict[str, Any] = {"va": "top", "linespacing": LINE_SPACING, "parse_math": False}
    for lines, size, bold, colour in (
        (plan.title, _TITLE_PT, True, INK),
        (plan.head, _TEXT_PT, False, MUTED),
    ):
        look: dict[str, Any] = {"fontproperties": font(size, bold=bold), "color": colour}
        figure.text(left, at / plan.height, "\n".join(lines), None, **plain, **look)
        at -= len(lines) * size * LINE_SPACING / _INCH + _GAP_IN
    low = _EDGE_IN / plan.height
    look = {**plain, "fontproperties": font(_TEXT_PT), "color": MUTED, "va": "bottom"}
    figure.text(left, low, "\n".join(plan.foot), None, **look)
    low += len(plan.foot) * _TEXT_PT * LINE_SPACING / _INCH / plan.height
    names = ("1 publication", "2", "3", "4 or more")
    gap = Patch(facecolor=_GAP, edgecolor=MUTED, linewidth=0.6)
    marks: list[Artist] = [gap, *(Patch(facecolor=colour) for colour in _COLOURS)]
    figure.legend(
        marks,
        ["gap: no figure", *names],
        loc="lower left",
        bbox_to_anchor=(left, low),
        ncols=len(marks),
        frameon=False,
        borderaxespad=0.4,
        borderpad=0.2,
        handlelength=1.2,
        handleheight=1.0,
        columnspacing=1.4,
        prop=font(_TEXT_PT),
        labelcolor=INK,
    )
