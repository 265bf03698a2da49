"""Which statements are sent meanwhile.

What is kept for a while does not age in these blocks: on a slow machine it is no statement more.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from signon.db import Unit
from signon.drivers import PostgresqlDriver, SqliteDriver
from signon.prepared import Declared
from signon.snapshots import Snapshot


@contextmanager
def asked() -> Iterator[list[str]]:
    """The prepared ones of a block, by name without `signon.` before it."""
    names: list[str] = []
    run = Declared.run

    def noted(
        self: Declared, unit: Unit, args: tuple[Any, ...], named: Mapping[str, Any]
    ) -> tuple[list[Any], int]:
        names.append(repr(self).removeprefix("signon."))
        return run(self, unit, args, named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Declared, "run", noted)
        patched.setattr(Snapshot, "_younger_than", _of_any_age)
        yield names


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement of a block, BEGIN and COMMIT not among them."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with pytest.MonkeyPatch.context() as patched:
            for driver in (SqliteDriver, PostgresqlDriver):

                def run(self: Any, *given: Any, then: Any = driver.run) -> Any:
                    sent.append("prepared")
                    return then(self, *given)

                patched.setattr(driver, "run", run)
            patched.setattr(Snapshot, "_younger_than", _of_any_age)
            yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _of_any_age(self: Snapshot[Any], _seconds: float) -> Any:
    return self._kept[1] if self._kept else None
