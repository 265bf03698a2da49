"""Which prepared statements are run, by name and in their order."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from signon.db import Unit
from signon.prepared import Declared


@contextmanager
def asked() -> Iterator[list[str]]:
    """Those of a block, without `signon.` before the name."""
    names: list[str] = []
    run = Declared.run

    def noted(
        self: Declared, unit: Unit, args: tuple[Any, ...], named: Mapping[str, Any]
    ) -> tuple[list[Any], int]:
        names.append(repr(self).removeprefix("signon."))
        return run(self, unit, args, named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Declared, "run", noted)
        yield names
