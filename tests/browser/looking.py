"""An eye for what is wrong on a page: axe, what is cut off, what cannot be read in the dark."""

from collections.abc import Callable
from functools import cache
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

DESKTOP, TABLET, PHONE = 1000, 768, 320
"""Widths in CSS pixels (WCAG 2.2, 1.4.10: nothing is lost at 320)."""
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

Look = Callable[[Page, str], None]


def once(page: Page, name: str) -> None:
    """As `make test` looks: where there is least room, with all of axe's rules, in light colours."""
    page.evaluate(_axe())
    _require_width(page, PHONE, name)
    _require_nothing(page, ALL_RULES, f"{name} at {PHONE} px")


def closely(page: Page, name: str, take: Look = lambda page, name: None) -> None:
    """At three widths and in both colours; `take` is given what there may be a picture of."""
    page.evaluate(_axe())
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


def in_spanish(page: Page, name: str) -> None:
    """Follow the page's link to Spanish, and look there where there is least room for long words."""
    page.locator("a[hreflang='es-US']").click()
    expect(page.locator("html")).to_have_attribute("lang", "es-US")
    once(page, f"{name} in Spanish")


@cache
def _axe() -> str:
    script: str = Axe().axe_script
    return script


def _require_width(page: Page, width: int, name: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert beyond <= 0, f"{name} at {width} px is {beyond} px too wide"


def _require_nothing(page: Page, rules: dict[str, Any], where: str) -> None:
    # what axe says about all that is right stays in the page
    problems = page.evaluate(FOUND, rules)
    assert not problems, f"{where}: {problems}"
