"""A page as a screen reader has it: the browser's own tree of roles and names."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession

LANDMARKS = ("banner", "main", "navigation", "search", "complementary", "region", "form")
ANONYMOUS = ("RootWebArea", "generic")
"""What may have the focus and no name: the page, and a part of it that has to scroll."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing on the page. `level`: of a heading, else 0; `url`: of a link, else empty."""

    role: str
    name: str
    description: str
    level: int
    url: str
    is_invalid: bool
    is_focusable: bool


def whole_page(browser: CDPSession) -> list[Heard]:
    """Everything that is read out, in its order."""
    nodes = browser.send("Accessibility.getFullAXTree")["nodes"]
    return list(_in_order(nodes[0], {node["nodeId"]: node for node in nodes}))


def one(browser: CDPSession, expression: str) -> Heard:
    """What a screen reader says of the element that a piece of JavaScript finds."""
    found = browser.send("Runtime.evaluate", {"expression": expression})["result"]
    asked = {"objectId": found["objectId"], "fetchRelatives": False}
    return _heard(browser.send("Accessibility.getPartialAXTree", asked)["nodes"][0])


def problems(page: Sequence[Heard]) -> list[str]:
    """What makes it hard to find one's way by landmarks, headings and names."""
    return [*_of_landmarks(page), *_of_headings(page), *_of_names(page)]


def _of_landmarks(page: Sequence[Heard]) -> Iterator[str]:
    # a form without a name is no landmark (HTML-AAM 1.0)
    found = [one for one in page if one.role in LANDMARKS and (one.name or one.role != "form")]
    roles = Counter(one.role for one in found)
    yield from (f"{roles[role]} of {role}" for role in ("banner", "main") if roles[role] != 1)
    for (role, name), times in Counter((one.role, one.name) for one in found).items():
        if times > 1 or (roles[role] > 1 and not name):
            yield f"landmarks alike: {role} {name!r}"


def _of_headings(page: Sequence[Heard]) -> Iterator[str]:
    found = [one for one in page if one.role == "heading"]
    # a notice above the page's own heading has an h2
    for before, one in zip((1, *(one.level for one in found)), found, strict=False):
        if one.level > before + 1:
            yield f"h{one.level} {one.name!r} after h{before}"


def _of_names(page: Sequence[Heard]) -> Iterator[str]:
    for one in page:
        if one.is_focusable and not one.name.strip() and one.role not in ANONYMOUS:
            yield f"{one.role} without a name"
    links = {(one.name, one.url) for one in page if one.role == "link"}
    for name, times in Counter(name for name, _ in links).items():
        if times > 1:
            yield f"links alike that lead apart: {name!r}"


def _in_order(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> Iterator[Heard]:
    if not node["ignored"]:
        yield _heard(node)
    for child in node.get("childIds", ()):
        if child in nodes:
            yield from _in_order(nodes[child], nodes)


def _heard(node: Mapping[str, Any]) -> Heard:
    facts = {one["name"]: one["value"].get("value") for one in node.get("properties", ())}
    return Heard(
        node.get("role", {}).get("value", ""),
        node.get("name", {}).get("value", ""),
        node.get("description", {}).get("value", ""),
        facts.get("level", 0),
        facts.get("url", ""),
        facts.get("invalid") == "true",
        facts.get("focusable", False),
    )
