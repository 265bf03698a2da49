"""Who may import what from outside.

The order of our own layers is import-linter's business (pyproject.toml); it does not look at
which of them reach for another project's package, so this does.
"""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch

import pytest

from tests.house.source import SOURCE, modules, name_of

WEB = (
    "__main__",
    "app",
    "cli.*",
    "demo.*",
    "metrics",
    "rest.*",
    "web.*",
    "*.api",
    "*.api.*",
    "*.endpoints",
    "*.pages",
    "*.pages.*",
    "*.at_court",
    "firms.at_firm",
    "signin.shell",
    "signin.stepped",
    "*_endpoint",
    "oidc.client_requests",
    "oidc.cors",
    "oidc.discovery",
)
"""The rules of the trade and the tables know nothing of HTTP."""

MAY_IMPORT = {
    "joserfc": ("oidc.*", "tokens.*", "clients.*", "demo.*"),
    "authlib": ("oidc.*", "demo.*"),
    "fastapi": WEB,
    "starlette": WEB,
}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_only_some_import(package: str):
    allowed = MAY_IMPORT[package]
    trespassers = [
        module
        for module, imported in _imports()
        if imported.partition(".")[0] == package
        and not any(fnmatch(module, pattern) for pattern in allowed)
    ]
    assert trespassers == [], f"{package} belongs to {', '.join(allowed)} alone"


def test_no_module_is_a_drawer():
    """A module is named for the trade; these names say only that something did not fit."""
    drawers = {"service", "services", "util", "utils", "helpers", "manager", "common", "misc"}
    assert [path for path in SOURCE.rglob("*.py") if path.stem in drawers] == []


def test_no_module_outgrows_a_reader():
    """At 300 lines one looks whether the subject ends; over 400 it has."""
    long = {
        str(path.relative_to(SOURCE)): lines
        for path in SOURCE.rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def _imports() -> Iterator[tuple[str, str]]:
    """Every module of ours (`oidc.checks`; a package as `oidc.`) with each module it imports."""
    for path, tree in modules():
        module = name_of(path).removesuffix("__init__")
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((module, name.name) for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield module, node.module
