# ruff: noqa: INP001 - started by itself
"""The atlas in headless Chromium, beside stock folium with GeoJson for the same features.

Run ``python benchmarks/atlas.py``: nineteen years of the network of countries, and of crossings.
For each page the size of the file, seconds to make one year of it, milliseconds until it can be
used, and frames a second while the map is dragged and while it is zoomed; the goals beside them.
Stock folium draws the same base map and the flows of one year as GeoJson; Leaflet comes from the
wheel there too, as there is no network.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import folium
import geopandas as gpd
from playwright.sync_api import Browser, Route, sync_playwright

import opiateroutes as opr
from opiateroutes.data import data_path
from opiateroutes.maps.offline import leaflet_script, leaflet_style

GOALS = {
    "countries": {"MB": 1.5, "make s": 1.5, "ready ms": 1000, "frames/s": 30},
    "crossings": {"MB": 5.0, "make s": 4.0, "ready ms": 2500, "frames/s": 30},
}
RUNS = 5
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FRAMES = """() => new Promise((done) => {
  const times = [];
  const step = (now) => {
    times.push(now);
    if (now - times[0] < 2500) requestAnimationFrame(step);
    else done(((times.length - 1) * 1000) / (now - times[0]));
  };
  requestAnimationFrame(step);
})"""


def years_page(level: str, folder: Path) -> tuple[Path, float]:
    """Save nineteen years in one page; also the seconds that making one year's page takes."""
    net = opr.load_network(level)
    years = opr.estimate_years(net, progress=False)
    found = {year: opr.find_chokepoints(fit) for year, fit in years.fits.items()}
    start = time.perf_counter()
    opr.explore(years.fits[2010], found[2010]).save(folder / f"{level}_2010.html")
    seconds = time.perf_counter() - start
    path = folder / f"{level}.html"
    opr.explore(years, found, first=2010).save(path)
    return path, seconds


def stock_page(level: str, folder: Path) -> tuple[Path, float]:
    """Draw the same land and the flows of 2010 with nothing but folium."""
    fit = opr.estimate_flows(opr.load_network(level), opr.load_evidence(2010))
    legs = fit.network.legs.join(fit.legs[["flow_kg", "low_kg", "high_kg"]])
    legs = legs[legs["flow_kg"] > 0].to_crs(4326)
    legs = gpd.GeoDataFrame(legs[["flow_kg", "low_kg", "high_kg", "geometry"]], crs=4326)
    start = time.perf_counter()
    page = folium.Map([36, 55], zoom_start=3, tiles=None)
    for name in ("countries", "boundaries"):
        layer = gpd.read_parquet(data_path(f"geo/{name}.parquet"))
        folium.GeoJson(layer[["geometry"]].to_json(drop_id=True)).add_to(page)
    folium.GeoJson(
        legs.to_json(drop_id=True),
        style_function=lambda leg: {"weight": max(1.0, leg["properties"]["flow_kg"] / 1e4)},
        tooltip=folium.GeoJsonTooltip(["flow_kg", "low_kg", "high_kg"]),
    ).add_to(page)
    path = folder / f"stock_{level}.html"
    page.save(path)
    return path, time.perf_counter() - start


def look_at(browser: Browser, path: Path) -> dict[str, float]:
    """Open a page several times, drag and zoom it."""
    ready, drag, zoom = [], [], []
    for _ in range(RUNS):
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.route("http**/*", from_wheel)
        page.goto(path.as_uri())
        page.wait_for_selector(".leaflet-container path")
        ready.append(
            page.evaluate(
                "performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart"
            )
        )
        box = page.locator(".leaflet-container").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        counting = page.evaluate_handle(f"() => ({{ rate: ({FRAMES})() }})")
        until = time.monotonic() + 2.5
        step = 0
        while time.monotonic() < until:
            step += 1
            page.mouse.move(x + 150 * ((step % 40) / 20 - 1), y + 60 * ((step % 26) / 13 - 1))
        drag.append(page.evaluate("(handle) => handle.rate", counting))
        page.mouse.up()
        counting = page.evaluate_handle(f"() => ({{ rate: ({FRAMES})() }})")
        for delta in (-240, 240, -240, 240):
            page.mouse.wheel(0, delta)
            page.wait_for_timeout(500)
        zoom.append(page.evaluate("(handle) => handle.rate", counting))
        page.close()
    return {
        "ready ms": statistics.median(ready),
        "drag frames/s": statistics.median(drag),
        "zoom frames/s": statistics.median(zoom),
    }


def from_wheel(route: Route) -> None:
    """Answer stock folium's requests for Leaflet; anything else is not there."""
    url = route.request.url
    if url.endswith("leaflet.js"):
        route.fulfill(body=leaflet_script(), content_type="text/javascript")
    elif url.endswith("leaflet.css"):
        route.fulfill(body=leaflet_style(), content_type="text/css")
    elif url.endswith(".js"):
        route.fulfill(body="", content_type="text/javascript")
    else:
        route.abort()


def main() -> None:
    """Print one line a page and figure, with the goal where there is one."""
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for level, goals in GOALS.items():
            pages = {"atlas, 19 years": years_page, "stock folium, 2010": stock_page}
            for name, make in pages.items():
                path, seconds = make(level, Path(folder))
                told = {
                    "MB": path.stat().st_size / 1e6,
                    "make s": seconds,
                    **look_at(browser, path),
                }
                for figure, value in told.items():
                    goal = goals.get(figure.removeprefix("drag ").removeprefix("zoom "))
                    aim = f" (goal {goal:g})" if goal and name.startswith("atlas") else ""
                    sys.stdout.write(f"{level}, {name}: {figure} {value:.2f}{aim}\n")
                sys.stdout.flush()
        browser.close()


if __name__ == "__main__":
    main()
