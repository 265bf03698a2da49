"""Pages where colors are the reader's own, on paper, and with letters twice as large."""

from importlib import import_module

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESK
from tests.browser.states import STATES
from tests.demo.running import Running

FRAMED = ".btn:not(.btn-plain), .tag, .card, .notice, .error-summary, .count, .roundel"
"""What a background alone draws where the page chooses the colors."""
UNFRAMED = """framed => [...document.querySelectorAll(framed)].filter(one => {
    const style = getComputedStyle(one)
    return style.borderTopStyle === "none" || parseFloat(style.borderTopWidth) < 1
}).map(one => one.className)"""
INVISIBLE_ICONS = """() => [...document.querySelectorAll("main .icon")].filter(one => {
    const {stroke, color} = getComputedStyle(one)
    return stroke !== color || color === getComputedStyle(document.body).backgroundColor
}).length"""
PRESSED = "nav ul, .foot, .btn, .filters, .skip, .official, .links a"
"""What paper has no use for."""
SHOWN = """unwanted => [...document.querySelectorAll(unwanted)].filter(
    one => one.getClientRects().length).map(one => one.outerHTML.slice(0, 80))"""
PAPER_WIDTH = 718
"""A4 between margins of 15 mm, in CSS pixels: less than a phone's layout begins with."""


@pytest.fixture(autouse=True)
def states() -> None:
    """The ways to the pages."""
    for module in ("test_pages", "test_console_pages"):
        import_module(f"tests.browser.{module}")


@pytest.mark.parametrize("state", ["login_with_nothing_typed", "filers_of_a_court"])
def test_forced_colors_take_no_border_focus_or_icon_away(
    demo: Running, kept_page: Page, state: str
):
    """What a background said, a line says."""
    STATES[state].come(kept_page, demo)
    kept_page.emulate_media(forced_colors="active")
    try:
        assert kept_page.evaluate(UNFRAMED, FRAMED) == []
        assert kept_page.evaluate(INVISIBLE_ICONS) == 0
        kept_page.keyboard.press("Tab")
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert kept_page.evaluate(outline) == "solid"
    finally:
        kept_page.emulate_media(forced_colors="none")


@pytest.mark.parametrize("state", ["filers_of_a_court", "cutover_of_a_court", "registered"])
def test_paper_shows_what_is_read_and_nothing_to_press(demo: Running, kept_page: Page, state: str):
    """Whose page it is, tables as tables, and no more than fits."""
    STATES[state].come(kept_page, demo)
    kept_page.set_viewport_size({"width": PAPER_WIDTH, "height": 1000})
    kept_page.emulate_media(media="print")
    try:
        assert kept_page.evaluate(SHOWN, PRESSED) == []
        assert kept_page.locator(".brand").is_visible()
        assert kept_page.get_by_role("heading", level=1).is_visible()
        for table in kept_page.locator("table").all():
            assert table.evaluate("one => getComputedStyle(one).display") == "table"
        assert kept_page.evaluate("document.documentElement.scrollWidth") <= PAPER_WIDTH
    finally:
        kept_page.emulate_media(media="screen")


@pytest.mark.parametrize(
    "state", ["login_with_nothing_typed", "provider_help", "some_courts", "logins_of_a_court"]
)
def test_letters_twice_as_large_push_nothing_out(demo: Running, kept_page: Page, state: str):
    """WCAG 2.2, 1.4.4, where only letters grow and the window stays."""
    STATES[state].come(kept_page, demo)
    kept_page.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in (DESK["width"], DESK["width"] // 2):
        kept_page.set_viewport_size({"width": width, "height": DESK["height"]})
        assert kept_page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        for table in kept_page.locator(".table").all():
            assert table.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
