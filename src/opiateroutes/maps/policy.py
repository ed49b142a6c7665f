"""A strict policy for a page, and the audit that refuses a page which needs a network."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

from opiateroutes.errors import OfflineError
from opiateroutes.maps.offline import atlas_script, leaflet_script

POLICY_MARK = "<!-- content security policy -->"

# Attributes that make a browser fetch something. A link in `a` is followed by a reader, not by the
# page.
_FETCHING = {
    "src",
    "srcset",
    "href",
    "data",
    "poster",
    "background",
    "action",
    "formaction",
    "xlink:href",
    "ping",
    "manifest",
}
_LOCAL = re.compile(r"^\s*(data:|#|$)", re.IGNORECASE)
_CSS_FETCH = re.compile(r"@import|url\(\s*[\"']?(?!data:|#)", re.IGNORECASE)
# What a script written by folium or by a user can ask for. The policy would stop it too, but then
# the page would be broken without a word; better to say so while the author is still there.
_SCRIPT_FETCH = re.compile(
    r"\b(?:L\.(?:tileLayer|imageOverlay|videoOverlay|icon)\b[^;]{0,400}?[\"'`](?:https?:)?//"
    r"|fetch\s*\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|\bimport\s*\("
    r"|(?:src|href)\s*=\s*\\?[\"']?\s*(?:https?:)?//)",
    re.IGNORECASE,
)
_MISSING_PLUGIN = re.compile(
    r"L\.AwesomeMarkers|\bd3\.|\btopojson\.|L\.markerClusterGroup|L\.heatLayer"
)


def with_policy(page: str) -> str:
    """Put a policy in the head that allows exactly the scripts and styles of this page.

    Parameters
    ----------
    page : str
        Complete HTML that holds ``POLICY_MARK`` once.

    Returns
    -------
    str
        The page; nothing may be loaded, and only scripts whose hash is listed may run.

    Examples
    --------
    >>> "script-src 'sha256-" in with_policy(POLICY_MARK + "<script>1</script>")
    True
    """
    parsed = _parse(page)
    scripts = " ".join(_hash(code) for code in parsed.scripts) or "'none'"
    styles = " ".join(_hash(style) for style in parsed.styles) or "'none'"
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; "
        "style-src-attr 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    return page.replace(
        POLICY_MARK, f'<meta http-equiv="Content-Security-Policy" content="{policy}">', 1
    )


def audit(page: str) -> None:
    """Refuse a page that would ask the network for anything.

    Parameters
    ----------
    page : str
        Complete HTML.

    Raises
    ------
    OfflineError
        With every reference found: what it is and where it stands.

    Examples
    --------
    >>> audit("<p>text</p>")
    """
    parsed = _parse(page)
    found = list(parsed.references)
    found += [
        f"style sheet: {text[:60]}"
        for style in parsed.styles
        for text in _matches(_CSS_FETCH, style)
    ]
    ours = {leaflet_script(), atlas_script()}
    for code in parsed.scripts:
        if code not in ours:
            found += [f"script: {text[:90]}" for text in _matches(_SCRIPT_FETCH, code)]
            found += [
                f"library that is not in the file: {text}"
                for text in _matches(_MISSING_PLUGIN, code)
            ]
    if found:
        raise OfflineError(
            f"the map would not work without a network: {len(found)} reference(s), first: "
            f"{found[:3]}; use plain layers (Marker without Icon, CircleMarker, PolyLine, GeoJson, "
            "FeatureGroup) and no tile layers"
        )


class _Page(HTMLParser):
    """Scripts, styles and references of one page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.references: list[str] = []
        self._open: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "script" and values.get("type", "text/javascript") in {
            "text/javascript",
            "module",
            "",
        }:
            self.scripts.append("")
            self._open = self.scripts
        elif tag == "style":
            self.styles.append("")
            self._open = self.styles
        for name, value in values.items():
            fetches = name in _FETCHING and not (tag in {"a", "area"} and name == "href")
            if fetches and not _LOCAL.match(value):
                self.references.append(f"<{tag} {name}={value[:80]!r}>")
            if name == "style" and _CSS_FETCH.search(value):
                self.references.append(f"<{tag} style={value[:80]!r}>")
        if tag == "base" or (tag == "meta" and values.get("http-equiv", "").lower() == "refresh"):
            self.references.append(f"<{tag}>")

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._open = None


def _parse(page: str) -> _Page:
    parsed = _Page()
    parsed.feed(page)
    parsed.close()
    return parsed


def _matches(pattern: re.Pattern[str], text: str) -> list[str]:
    return [" ".join(found.group(0).split()) for found in pattern.finditer(text)]


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
