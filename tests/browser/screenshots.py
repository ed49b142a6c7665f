"""Draw a saved atlas at desktop and phone size, for a person to look at.

Usage: python screenshots.py FOLDER, where FOLDER holds atlas.html; the pictures go beside it.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SCREENS = {"desktop": (1280, 800), "phone": (390, 844)}


def main(folder):
    address = (folder / "atlas.html").resolve().as_uri()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, (width, height) in SCREENS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(address)
            page.wait_for_selector(".leaflet-container")
            page.wait_for_timeout(1000)
            page.screenshot(path=folder / f"{name}.png")
            page.screenshot(path=folder / f"{name}_whole.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
