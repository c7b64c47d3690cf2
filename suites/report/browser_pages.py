"""Load reports for the suite to open, and what a browser alone can tell about them."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from AudioSocketLibrary.records.run_info import RunInfo
from AudioSocketLibrary.report.load_files import write_load_reports

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.helpers.run_maker import Made, make_run

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")


@library(scope="SUITE")
class browser_pages:  # noqa: N801 - Robot's name of a library in a file
    """Keywords of this suite."""

    @keyword
    def browser_is_missing(self) -> str:
        """Why the page cannot be opened here; empty: it can."""
        if not any(map(shutil.which, _BROWSERS)):
            return "no Chromium on this machine: apt-get install chromium chromium-driver"
        return (
            "" if shutil.which("chromedriver") else "no chromedriver on this machine: apt-get install chromium-driver"
        )

    @keyword
    def make_page(self, folder: str, *, hostile: bool = False, invalid: bool = False) -> str:
        """Make a run and its report; returns the address of the page."""

        def poison(row: dict[str, Any]) -> dict[str, Any]:
            for turn in row.get("turns", ()):
                turn["said"] = HOSTILE
            return {**row, "scenario": f"{HOSTILE} {row['scenario']}", "target": HOSTILE}

        info = RunInfo(name="peak", about="Sale weekend.", thresholds=("p95 response time < 2 s", "error rate < 50 %"))
        made = Made(calls=300, failing=0.1, info=info, lateness=0.030 if invalid else 0.0006)
        if hostile:
            made = replace(made, change=poison, info=replace(info, name=HOSTILE, about=HOSTILE))
        place = Path(folder)
        shutil.rmtree(place, ignore_errors=True)
        make_run(place, made)
        write_load_reports(place, formats=["html"])
        return (place / "load-report.html").resolve().as_uri()

    @keyword
    def make_browser(self) -> None:
        """Open a browser without a window, with the driver of this machine and never one of the network."""
        options = Options()
        options.binary_location = next(filter(None, map(shutil.which, _BROWSERS)))
        for argument in ("headless=new", "disable-gpu", "hide-scrollbars"):
            options.add_argument(f"--{argument}")
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium has none for root, as in containers of CI
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self._selenium.register_driver(driver, alias="report")

    @keyword
    def set_view(self, width: int, *, dark: bool = False) -> None:
        """Show the page that wide, by day or by night."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}  # what glides cannot be clicked
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme, still]})

    @keyword
    def console_should_be_silent(self) -> None:
        """No error and no breach of the policy was told in the browser's console."""
        told = [entry["message"] for entry in self._driver.get_log("browser")]
        if told:
            raise AssertionError(f"The console says: {'; '.join(told)}")

    @keyword
    def every_text_should_be_legible(self, ratio: float = 4.5) -> None:
        """The contrast of every text with what is behind it is at least so much (WCAG 2.1, 1.4.3)."""
        poor = self._driver.execute_script(f"{_CONTRAST}; return poorTexts(arguments[0])", ratio)
        if poor:
            raise AssertionError(f"{len(poor)} texts cannot be read well, such as {poor[:5]}")

    @keyword
    def page_can_be_printed(self) -> None:
        """It becomes a PDF of several pages that is no mere sheet of emptiness."""
        pdf = self._driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
        if len(pdf) < 40_000:
            raise AssertionError(f"The printed page has only {len(pdf)} bytes")

    @property
    def _selenium(self) -> Any:
        return BuiltIn().get_library_instance("SeleniumLibrary")

    @property
    def _driver(self) -> Any:
        return self._selenium.driver
