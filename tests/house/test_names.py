"""What things are called, and what is said of them."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "signon"
SAYS_SOMETHING = 3
"""Words of a docstring; an address or what is raised needs fewer."""


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE), ast.parse(path.read_text())


def test_a_feature_has_one_class_of_a_name():
    """Or whoever reads one would think of the other."""
    names = Counter(
        (path.parts[0], node.name)
        for path, tree in _modules()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_a_docstring_says_more_than_the_name():
    """One that does not is worth less than none."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    empty = [
        f"{path} {node.name}: {said}"
        for path, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, kinds) and (said := ast.get_docstring(node))
        if len(said.split()) < SAYS_SOMETHING and "`" not in said and "Raises" not in said
    ]
    assert empty == []
