"""The atlas of crossings in a real browser."""

import pytest


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_it_opens_quietly_and_is_drawn(visit, crossings_file, screen):
    seen = visit(crossings_file, screen)
    assert seen.requests == []
    assert seen.complaints == []
    assert seen.count(".or-diamond") == 10
    assert "Kabul" in seen.page.locator(".or-label").all_inner_texts()


def test_closer_in_crossings_have_names(visit, crossings_file):
    seen = visit(crossings_file)
    seen.evaluate("OpiateAtlas.running.map.setView([33.9, 66], 5.75, {animate: false})")
    seen.page.wait_for_timeout(500)
    names = " ".join(seen.page.locator(".or-label").all_inner_texts())
    assert "Torghundi" in names
    assert "Zaranj" in names
