"""The document around a map: how it is rendered, named, guarded and shown in a notebook."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from branca.element import Figure
from folium.template import Template

from opiateroutes.maps.policy import audit, with_policy

# branca names every element with 32 random hexadecimal digits.
_DECLARED = re.compile(r"(?:\b(?:var|let|const|function)\s+|\bid=[\"'])\w+?_([0-9a-f]{32})\b")
_NOTEBOOK_HEIGHT = "760px"


class Page(Figure):
    """The document around the map; every way of rendering it ends in the audit."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n{{ this.header.render(**kwargs) }}\n</head>\n'
        "<body>\n{{ this.html.render(**kwargs) }}\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</body>\n</html>\n"
    )

    def __init__(self) -> None:
        super().__init__(height=_NOTEBOOK_HEIGHT)
        self.header._children.clear()  # noqa: SLF001 - branca offers no other way

    def render(self, **kwargs: Any) -> str:
        """Render, name elements by their order, add the policy, audit."""
        sections = (self.header, self.html, self.script)
        before = [set(section._children) for section in sections]  # noqa: SLF001
        try:
            page = str(super().render(**kwargs))
        finally:
            # Children write into the page while they render; a second rendering must not find the
            # first one.
            for section, names in zip(sections, before, strict=True):
                for name in set(section._children) - names:  # noqa: SLF001
                    del section._children[name]  # noqa: SLF001
        page = with_policy(_with_fixed_names(page.replace("\r\n", "\n")))
        audit(page)
        return page

    def _repr_html_(self, **kwargs: Any) -> str:
        """Show the page in a notebook, in a frame of its own."""
        return (
            f'<iframe title="Map of flows" srcdoc="{escape(self.render(**kwargs))}" '
            f'style="width:100%;height:{self.height};border:0" allowfullscreen></iframe>'
        )


def _with_fixed_names(page: str) -> str:
    """Replace random element names by their order, so that the same map is the same bytes.

    Only names that the page declares are touched: a long hexadecimal number in the data stays what
    it is.
    """
    names = list(dict.fromkeys(_DECLARED.findall(page)))
    order = {name: f"{place:04d}" for place, name in enumerate(names)}
    if not order:
        return page
    return re.sub(
        r"(?<=_)(?:" + "|".join(order) + r")(?![0-9a-f])", lambda found: order[found.group(0)], page
    )
