"""`explore`: one fit as a `folium.Map` that saves to one file and works with no network.

The class differs from its parent in what it loads (nothing) and in what it writes (its own page).
Layers that a user adds with folium's plain classes go on top as on any folium map.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template as Text
from typing import TYPE_CHECKING, Any, BinaryIO

import folium
from folium.template import Template

from opiateroutes.data import data_path, load_routes, write_atomically
from opiateroutes.errors import MapError
from opiateroutes.maps.basemap import build_basemap
from opiateroutes.maps.document import Page
from opiateroutes.maps.frames import pack_frames
from opiateroutes.maps.inputs import SampledTables, YearTables
from opiateroutes.maps.layers import build_payload
from opiateroutes.maps.offline import (
    asset,
    atlas_script,
    json_for_script,
    leaflet_script,
    leaflet_style,
)
from opiateroutes.maps.policy import POLICY_MARK
from opiateroutes.maps.summary import method_line, totals_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from opiateroutes.maps.inputs import ChokepointTables, FitTables

_TEMPLATE_TAG = re.compile(r"\{[{%#]")
_LAYERS = ("countries.parquet", "boundaries.parquet", "disputed_lines.parquet")


class AtlasMap(folium.Map):
    """A map of estimated flows in one file.

    Parameters
    ----------
    frames : sequence of dict
        The layer model of each year, see `opiateroutes.maps.layers.build_payload`.
    base : dict
        The base map, see `opiateroutes.maps.basemap.build_basemap`.
    notice : str
        The boundary notice.
    first : int, default -1
        Which frame is shown first; the last by default.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2008))
    >>> atlas = opr.explore(fit)
    >>> marker = folium.Marker([34.5, 69.2], popup="Kabul").add_to(atlas)
    >>> isinstance(atlas, folium.Map)
    True
    """

    # Own lists, for they are class attributes that folium changes in place: sharing them would
    # strip the CDN links from every other map of the process, or bring them into ours.
    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - declared so by folium
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    _template = Template(
        """
        {% macro header(this, kwargs) %}{{ this._as_template(this._head()) }}{% endmacro %}
        {% macro html(this, kwargs) %}{{ this._as_template(this._body()) }}{% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = OpiateAtlas.createMap({{ this.get_name()|tojson }});
        OpiateAtlas.start({{ this.get_name() }}, "or-data", "or-base");
        {%- if this.objects_to_stay_in_front %}
        window.addEventListener("load", function () {
            {%- for object in this.objects_to_stay_in_front %}
            {{ object.get_name() }}.bringToFront();
            {%- endfor %}
        });
        {%- endif %}
        {% endmacro %}
        """
    )

    def __init__(
        self,
        frames: Sequence[dict[str, Any]],
        base: dict[str, Any],
        *,
        notice: str,
        first: int = -1,
    ) -> None:
        super().__init__(location=[36.0, 55.0], zoom_start=3, tiles=None)
        self.frames = tuple(frames)
        self.payload = self.frames[first]
        self._packed = pack_frames(self.frames, first=first)
        self._base = base
        self._notice = notice
        self._name, self._id = "Atlas", "map"
        Page().add_child(self)

    def save(
        self,
        outfile: str | bytes | Path | BinaryIO,
        close_file: bool = True,  # noqa: FBT001, FBT002 - folium's signature
        **kwargs: Any,
    ) -> None:
        """Write the map to one file, or leave the folder as it was.

        Parameters
        ----------
        outfile : path or binary file
            Where to write; an existing file is replaced in one step.
        close_file : bool, default True
            Whether to close an open file that was given.
        **kwargs
            Handed to the rendering, as folium does.

        Raises
        ------
        OfflineError
            A layer would ask the network for something.
        OutputError
            The folder does not exist or cannot be written.

        Examples
        --------
        >>> import opiateroutes as opr, tempfile
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2008))
        >>> opr.explore(fit).save(tempfile.mkdtemp() + "/atlas.html")
        """
        page = self.get_root().render(**kwargs).encode("utf-8")
        if isinstance(outfile, str | bytes | Path):
            write_atomically(os.fsdecode(outfile), lambda draft: draft.write_bytes(page))
            return
        outfile.write(page)
        if close_file:
            outfile.close()

    @staticmethod
    def _as_template(page: str) -> str:
        """Write a text so that a template says it as it is.

        branca reads what an element returns as a template once more, and a name in the data could
        then ask it to run anything.
        """
        return _TEMPLATE_TAG.sub(lambda tag: f"{{{{ '{tag.group()}' }}}}", page)

    def _head(self) -> str:
        return "\n".join(
            (
                '<meta charset="utf-8">',
                POLICY_MARK,
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                f"<title>{escape(self.payload['meta']['title'])}</title>",
                '<link rel="icon" href="data:,">',
                f"<style>{leaflet_style()}</style>",
                f"<style>{asset('atlas.css')}</style>",
                f"<script>{leaflet_script()}</script>",
                f"<script>{atlas_script()}</script>",
            )
        )

    def _body(self) -> str:
        meta = self.payload["meta"]
        return Text(asset("page.html")).substitute(
            map_id=self.get_name(),
            title=escape(meta["title"]),
            totals=escape(totals_line(meta)),
            method=escape(method_line(meta)),
            notice=escape(" ".join(self._notice.split())),
            licence=escape(meta["licence"]),
            data=json_for_script(self._packed),
            base=json_for_script(self._base),
        )


def explore(
    fit: FitTables | SampledTables | YearTables,
    chokepoints: ChokepointTables | Mapping[int, ChokepointTables] | None = None,
    *,
    routes: pd.DataFrame | None = None,
    basemap: str | os.PathLike[str] | None = None,
    first: int | None = None,
) -> AtlasMap:
    """Draw a fit as an interactive map that is one file and needs no network.

    Parameters
    ----------
    fit : FlowFit, FlowEnsemble or FlowYears
        Estimated flows, in kg a year; of an ensemble the flows at the best values, with the
        intervals of the draws (`FlowEnsemble.as_fit`). Several years have a slider.
    chokepoints : Chokepoints or mapping, optional
        Ranking to draw as diamonds, with its displacement; of several years one for each year.
    routes : pandas.DataFrame, optional
        Named routes; the published ones by default.
    basemap : path-like, optional
        Folder with ``countries.parquet``, ``boundaries.parquet``, ``disputed_lines.parquet`` and
        ``boundary_notice.txt`` to draw in place of the shipped base map.
    first : int, optional
        Of several years the one that the page opens at; the last by default.

    Returns
    -------
    AtlasMap
        A `folium.Map`: show it in a notebook, add layers to it, or save it.

    Raises
    ------
    MapError
        The fit has nothing to draw, a node has no position, the base map is incomplete,
        chokepoints are of another year, or the first year is none of those drawn.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    >>> explore(fit, chokepoints=opr.find_chokepoints(fit)).payload["meta"]["year"]
    2010
    """
    fits, ranked = _by_year(fit, chokepoints)
    if first is not None and first not in fits:
        raise MapError(f"no year {first!r} among those drawn: {', '.join(map(str, fits))}")
    named = load_routes() if routes is None else routes
    frames = [build_payload(fits[year], ranked.get(year), routes=named) for year in fits]
    points = {(node["lon"], node["lat"]): None for frame in frames for node in frame["nodes"]}
    base = build_basemap(*(_layer(name, basemap) for name in _LAYERS), points=list(points))
    notice = _layer("boundary_notice.txt", basemap).read_text("utf-8")
    shown = -1 if first is None else list(fits).index(first)
    return AtlasMap(frames, base, notice=notice, first=shown)


def _by_year(
    fit: FitTables | SampledTables | YearTables,
    chokepoints: ChokepointTables | Mapping[int, ChokepointTables] | None,
) -> tuple[dict[int | None, FitTables], dict[int | None, ChokepointTables]]:
    """Set one year or several side by side."""
    several = list(fit.fits.values()) if isinstance(fit, YearTables) else [fit]
    tables = [one.as_fit() if isinstance(one, SampledTables) else one for one in several]
    fits = {one.year: one for one in tables}
    if chokepoints is None:
        return fits, {}
    if isinstance(chokepoints, Mapping):
        strangers = sorted(set(chokepoints) - set(fits))
        if strangers:
            raise MapError(f"chokepoints of {strangers[0]}, a year of which no flows are drawn")
        return fits, {year: chokepoints[year] for year in chokepoints}
    if len(fits) > 1:
        raise MapError(
            "several years need a mapping of each year to its chokepoints: "
            "{year: find_chokepoints(fit) for year, fit in years.fits.items()}"
        )
    return fits, dict.fromkeys(fits, chokepoints)


def _layer(name: str, basemap: str | os.PathLike[str] | None) -> Path:
    return data_path(f"geo/{name}") if basemap is None else Path(basemap) / name


__all__ = ["AtlasMap", "explore"]
