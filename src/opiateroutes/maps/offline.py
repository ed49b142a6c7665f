"""Everything a page needs, as text: Leaflet from its wheel, our scripts, data as safe JSON."""

from __future__ import annotations

import base64
import json
import re
from functools import lru_cache
from importlib import resources

from opiateroutes.errors import OfflineError

# Fixed order: each file uses only what stands before it, and the bytes of the page do not change.
SCRIPTS = (
    "i18n.js",
    "dom.js",
    "frames.js",
    "crs.js",
    "basemap.js",
    "arrows.js",
    "placement.js",
    "heading.js",
    "charts.js",
    "popups.js",
    "card.js",
    "flows.js",
    "marks.js",
    "labels.js",
    "legend.js",
    "controls.js",
    "years.js",
    "tables.js",
    "permalink.js",
    "atlas.js",
)
_LEAFLET = "xstatic.pkg.leaflet"


@lru_cache(maxsize=1)
def leaflet_script() -> str:
    """Leaflet with its marker images as data, ready for a script element.

    Raises
    ------
    OfflineError
        The XStatic-Leaflet wheel is not installed or not complete.

    Examples
    --------
    >>> "https://cdn" in leaflet_script()
    False
    """
    code = re.sub(r"\n//# sourceMappingURL=.*", "", _leaflet_text("leaflet.js"))
    icons = {
        "iconUrl": _image("marker-icon.png"),
        "iconRetinaUrl": _image("marker-icon-2x.png"),
        "shadowUrl": _image("marker-shadow.png"),
    }
    # Leaflet finds its images relative to its style sheet, which is no file here.
    override = (
        "delete L.Icon.Default.prototype._getIconUrl;"
        f"L.Icon.Default.mergeOptions({json.dumps(icons)});"
    )
    return f"{code}\n{override}\n"


@lru_cache(maxsize=1)
def leaflet_style() -> str:
    """Leaflet's style sheet with its images as data.

    Raises
    ------
    OfflineError
        As `leaflet_script`.

    Examples
    --------
    >>> "url(images/" in leaflet_style()
    False
    """
    style = _leaflet_text("leaflet.css")
    return re.sub(r"url\(images/([\w.-]+)\)", lambda found: f"url({_image(found[1])})", style)


@lru_cache(maxsize=1)
def atlas_script() -> str:
    """Our own source files, in their fixed order.

    Examples
    --------
    >>> atlas_script().startswith("/* i18n.js */")
    True
    """
    return "\n".join(f"/* {name} */\n{asset(name)}" for name in SCRIPTS)


def asset(name: str) -> str:
    """Text of one file of ``maps/assets``.

    Examples
    --------
    >>> "or-screen" in asset("atlas.css")
    True
    """
    return resources.files("opiateroutes.maps").joinpath("assets", name).read_text("utf-8")


def json_for_script(value: object) -> str:
    r"""JSON that no HTML parser can leave: ``<`` becomes ``\u003c``.

    Examples
    --------
    >>> json_for_script("</script>")
    '"\\u003c/script>"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _leaflet_text(name: str) -> str:
    # Browsers turn CR LF into LF before they hash a script; the page has to hold what they hash.
    return _leaflet_bytes(name).decode("utf-8").replace("\r\n", "\n")


def _image(name: str) -> str:
    return f"data:image/png;base64,{base64.b64encode(_leaflet_bytes(f'images/{name}')).decode()}"


def _leaflet_bytes(name: str) -> bytes:
    try:
        return resources.files(_LEAFLET).joinpath("data", *name.split("/")).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise OfflineError(
            f"Leaflet file {name!r} not found: install XStatic-Leaflet, whose wheel carries it"
        ) from error
