import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser

import pytest
from sample_report import HOSTILE, report

from opiateroutes.maps.policy import audit
from opiateroutes.reports.document import Paragraph, Report, Section
from opiateroutes.reports.html import page_of, render


class Outline(HTMLParser):
    """Tags with their attributes, and the text of every element kind."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def page():
    return page_of(report())


def test_text_stays_text(page):
    found = Outline(page)
    assert not found.all("script")
    assert len(found.all("style")) == 1
    assert found.text.count(HOSTILE.replace("\x00", "")) == 4  # twice above, caption, cell
    assert found.all("img")[0]["alt"] == f"What it shows: {HOSTILE}".replace("\x00", "")
    assert "\x00" not in page


def test_hostile_title_leaves_neither_the_style_nor_the_head():
    found = Outline(page_of(report(title='"} </style><script>1</script> \\')))
    assert not found.all("script")
    assert len(found.all("style")) == 1


def test_page_asks_the_network_for_nothing(page):
    audit(page)
    policy = Outline(page).all("meta")[1]["content"]
    style = re.search(r"<style>(.*?)</style>", page, flags=re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "unsafe" not in policy
    assert not re.search(r'\sstyle="', page)  # the policy would ignore it


def test_headings_follow_one_another(page):
    levels = [int(tag[1]) for tag, _ in Outline(page).tags if re.fullmatch(r"h\d", tag)]
    assert levels == [1, 2, 2, 2, 3]


def test_tables_can_be_read_by_ear(page):
    found = Outline(page)
    assert len(found.all("caption")) == len(found.all("table")) == 2
    scopes = [head.get("scope") for head in found.all("th")]
    assert scopes == ["col"] * 3 + ["row"] * 3 + ["col"] * 3 + ["row"]
    names = {attrs["id"] for _, attrs in found.tags if "id" in attrs}
    for region in found.all("div"):
        assert region["aria-labelledby"] in names


def test_pictures_can_be_moved_on_a_narrow_screen(page):
    regions = Outline(page).all("div")
    assert [region["class"] for region in regions] == ["picture", "table", "table"]
    assert {(region["role"], region["tabindex"]) for region in regions} == {("region", "0")}


def test_text_above_a_table_stays_with_it():
    blocks = (Paragraph("Above."), report().sections[2].blocks[0], Paragraph("Below."))
    page = page_of(Report("A", "", "en", (Section("One", blocks),), {}))
    assert '<p class="leads">Above.</p>' in page
    assert "<p>Below.</p>" in page


def test_ids_are_unique_and_links_lead_to_them(page):
    found = Outline(page)
    ids = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert [link["href"] for link in found.all("a")] == ["#section-1", "#section-2", "#section-3"]


def test_language_and_direction_are_declared():
    html = Outline(page_of(report(language="fr"))).all("html")[0]
    assert html == {"lang": "fr", "dir": "ltr"}
    assert "Tableau 1." in page_of(report(language="fr"))


def test_same_report_same_bytes():
    assert render(report()) == render(report())


def test_short_report_has_no_contents():
    short = Report("A", "", "en", (Section("One", ()),), {})
    assert not Outline(page_of(short)).all("nav")


def test_equal_blocks_have_their_own_numbers():
    # Equal, but not the same object: made anew each time.
    twice = dataclasses.replace(report(), sections=(report().sections[2], report().sections[2]))
    page = page_of(twice)
    assert re.findall(r'<h\d id="(section-\d)"', page) == [f"section-{k}" for k in (1, 2, 3, 4)]
    assert re.findall(r"Table (\d)\.", page) == ["1", "2", "3", "4"]
