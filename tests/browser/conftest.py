"""A demonstration, a browser, and an eye for what is wrong on a page."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.demo.running import Running, running

DESK: ViewportSize = {"width": 1280, "height": 720}
"""The screen that a test begins with, as Playwright's own."""
DESKTOP, TABLET, PHONE = 1000, 768, 320
"""Widths in CSS pixels (WCAG 2.2, 1.4.10: nothing is lost at 320)."""
PICTURES = Path(__file__).parents[2] / ".cache" / "screenshots"
"""Where pictures go when they are asked for: `make test ARGS=--pictures`."""
ALL_RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
BY_LAYOUT = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "rule",
        "values": [
            "color-contrast",
            "link-in-text-block",
            "scrollable-region-focusable",
            "target-size",
        ],
    },
}
"""What can differ at another width and in other colours; the rest is about the same elements."""
FOUND = """rules => axe.run(rules).then(({violations}) => violations.flatMap(
    ({id, help, nodes}) => nodes.map(({html}) => `${id}: ${help}: ${html.slice(0, 160)}`)
))"""
WAIT_MILLISECONDS = 60_000
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    # or each page of a test starts a process that has to compile axe again
    "--process-per-site",
)
"""For a browser that nobody watches, and that only ever sees our own pages."""

NewPage = Callable[..., Page]
Look = Callable[[Page, str], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a module share one worker, and with it a browser and a demonstration."""
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group(f"browser-{item.path.stem}"))
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demonstration that the journeys lead through: one for a worker, also between modules."""
    with running(tmp_path_factory.mktemp("browser") / "data") as started:
        yield started


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium.

    It ends with the package: as long as it runs, no other test of the worker can run a loop.
    """
    expect.set_options(timeout=WAIT_MILLISECONDS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Pages of browsers of their own: `new_page(java_script_enabled=False)`."""
    with ExitStack() as stack:

        def make(**options: Any) -> Page:
            context = browser.new_context(**options)
            context.set_default_timeout(WAIT_MILLISECONDS)
            stack.callback(context.close)
            return context.new_page()

        yield make


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A page in a browser that was never here before."""
    return new_page()


@pytest.fixture(scope="package")
def only_page(browser: Browser) -> Page:
    """The page that `kept_page` empties."""
    made = browser.new_context()
    made.set_default_timeout(WAIT_MILLISECONDS)
    return made.new_page()


@pytest.fixture
def kept_page(only_page: Page) -> Iterator[Page]:
    """The same for tests that only look: one page for all, emptied after each of them.

    A browser's new profile costs 0.3 s of computing, five times what a page costs.
    """
    yield only_page
    only_page.unroute_all()
    for other in only_page.context.pages[1:]:
        other.close()
    only_page.context.clear_cookies()
    only_page.goto("about:blank")
    only_page.set_viewport_size(DESK)


@pytest.fixture(scope="session")
def look(pytestconfig: pytest.Config) -> Look:
    """Look at a page as it is now: axe, small screens, dark colours; and a picture, if wanted."""
    script = Axe().axe_script

    def take(page: Page, name: str) -> None:
        if pytestconfig.getoption("pictures"):
            page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    def look_at(page: Page, name: str) -> None:
        page.evaluate(script)
        _require_width(page, DESKTOP, name)
        take(page, f"{name}-{DESKTOP}")
        _require_nothing(page, ALL_RULES, f"{name} at {DESKTOP} px")
        _require_width(page, TABLET, name)
        _require_width(page, PHONE, name)
        take(page, f"{name}-{PHONE}")
        page.emulate_media(color_scheme="dark")
        take(page, f"{name}-dark")
        _require_nothing(page, BY_LAYOUT, f"{name} at {PHONE} px in the dark")
        page.emulate_media(color_scheme="light")

    return look_at


@pytest.fixture(scope="session")
def look_in_spanish(pytestconfig: pytest.Config) -> Look:
    """Follow the page's link to Spanish, and look there where there is least room for long words."""
    script = Axe().axe_script

    def look_at(page: Page, name: str) -> None:
        page.locator("a[hreflang='es-US']").click()
        expect(page.locator("html")).to_have_attribute("lang", "es-US")
        page.evaluate(script)
        _require_width(page, PHONE, f"{name} in Spanish")
        if pytestconfig.getoption("pictures"):
            page.screenshot(path=PICTURES / f"{name}-es.png", full_page=True)
        _require_nothing(page, ALL_RULES, f"{name} in Spanish at {PHONE} px")

    return look_at


def _require_width(page: Page, width: int, name: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert beyond <= 0, f"{name} at {width} px is {beyond} px too wide"


def _require_nothing(page: Page, rules: dict[str, Any], where: str) -> None:
    # what axe says about all that is right stays in the page
    problems = page.evaluate(FOUND, rules)
    assert not problems, f"{where}: {problems}"
