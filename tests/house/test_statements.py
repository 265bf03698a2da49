"""Every statement of the application can be prepared, on both databases."""

import pkgutil
from importlib import import_module

import pytest

import signon
from signon.compiled import DIALECTS
from signon.prepared import Declared


def _declared() -> list[Declared]:
    for module in pkgutil.walk_packages(signon.__path__, "signon."):
        if module.name != "signon.__main__":
            import_module(module.name)
    return [each for each in Declared.known if repr(each).startswith("signon.")]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_statement_can_be_built(dialect: str):
    """Its parameters have types, its columns are those of its row."""
    statements = _declared()
    assert len(statements) > 20
    for statement in statements:
        for rows in (1, 2) if statement.rows else (0,):
            statement.built(dialect, rows)
