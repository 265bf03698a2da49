"""The project's own code, read and parsed once for all tests of it."""

import ast
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "signon"


@cache
def modules() -> tuple[tuple[Path, ast.Module], ...]:
    """Every module by its path below `SOURCE`, in their order."""
    return tuple(
        (path.relative_to(SOURCE), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(SOURCE.rglob("*.py"))
    )


def name_of(path: Path) -> str:
    """`oidc.checks`; of a package `oidc.__init__`."""
    return ".".join(path.with_suffix("").parts)
