"""What things are called, and what is said of them."""

import ast
from collections import Counter

from tests.house.source import modules

SAYS_SOMETHING = 3
"""Words of a docstring; an address or what is raised needs fewer."""


def test_a_feature_has_one_class_of_a_name():
    """Or whoever reads one would think of the other."""
    names = Counter(
        (path.parts[0], node.name)
        for path, tree in modules()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_a_docstring_says_more_than_the_name():
    """One that does not is worth less than none."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    empty = [
        f"{path} {node.name}: {said}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, kinds) and (said := ast.get_docstring(node))
        if len(said.split()) < SAYS_SOMETHING and "`" not in said and "Raises" not in said
    ]
    assert empty == []
