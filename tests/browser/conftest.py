"""A demonstration, a browser, and an eye for what is wrong on a page."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser import looking
from tests.browser.looking import Look
from tests.demo.running import Running, running

DESK: ViewportSize = {"width": 1280, "height": 720}
"""The screen that a test begins with, as Playwright's own."""
PICTURES = Path(__file__).parents[2] / ".cache" / "screenshots"
"""Where pictures go when they are asked for: `make journeys ARGS=--pictures`."""
WAIT_MILLISECONDS = 60_000
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    # or each page of a test starts a process that has to compile axe again
    "--process-per-site",
    # no script here runs for so long that compiling it better would pay
    "--js-flags=--no-opt --no-maglev --single-threaded",
)
"""For a browser that nobody watches, and that only ever sees our own pages."""

NewPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests share one worker, and with it a browser and a demonstration.

    Of the journeys, which take minutes, those of a module do.
    """
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            group = "browser" if item.path.parent == here else f"browser-{item.path.stem}"
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group(group))
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
def look() -> Look:
    """Look at a page as it is now."""
    return looking.once
