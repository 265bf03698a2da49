"""Long lists and exports: ten times as many rows need as much memory, four times as many four times
the statements at most.
"""

import gc
import io
import json
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from signon.audit import trail
from signon.audit.events import Event
from signon.cli import audit as audit_command
from signon.cli import terminal
from signon.db import Unit
from signon.filing.cutover import listing, states
from signon.filing.cutover.listing import Wanted
from signon.filing.legacy_logins import found_by, importing, legacy_logins
from signon.filing.legacy_logins.import_file import ImportLine
from signon.filing.legacy_logins.importing import Means
from signon.searching import filling
from tests.bench.plans import Plans
from tests.filing.conftest import House, line
from tests.infra.databases import ON_ONE

FEW, MANY = 60, 600
PART = 20
MOST_MORE = 1.3
"""Times what the few needed: a part is a part."""


@pytest.fixture
def house_of(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], House]:
    """A court with so many logins, and as many events; parts are small."""
    for module in (listing, legacy_logins, states):
        monkeypatch.setattr(module, "PART", PART)
    monkeypatch.setattr(trail, "pages", partial(trail.pages, batch=PART))
    monkeypatch.setattr(terminal, "TOGETHER", PART)
    monkeypatch.setattr(found_by, "BATCH", PART)
    house.load("casd", line("first"))

    def grown(number: int) -> House:
        with house.database.writing() as unit:
            there = unit.scalar(text("SELECT count(*) FROM legacy_logins")) or 0
            for n in range(there, number):
                unit.execute(text(COPY), {"id": f"z{n:025}", "login": f"login{n:06}"})
                trail.record(unit, Event.LINK_MADE, actor=trail.SYSTEM)
        return house

    return grown


COPY = """
INSERT INTO legacy_logins (id, court_id, login, login_key, password, first_name, last_name, email,
  email_key, status, roles, imported_at)
SELECT :id, court_id, :login, :login, password, first_name, last_name, :login || '@example.com',
  :login || '@example.com', status, roles, imported_at FROM legacy_logins WHERE login_key = 'first'
"""


class _Nowhere(io.TextIOBase):
    """What is written is gone."""

    def write(self, text: str) -> int:
        return len(text)


def _whole_csv(unit: Unit) -> None:
    for part in listing.every(unit, "casd", Wanted()):
        listing.as_csv(part)


def _listed(unit: Unit) -> None:
    with redirect_stdout(_Nowhere()):
        terminal.show_each(legacy_logins.listed(unit, "casd"), ("login",), as_json=True)


def _exported(unit: Unit) -> None:
    for record in audit_command._records(unit):
        json.dumps(record)


@ON_ONE
@pytest.mark.parametrize("rule", [_whole_csv, _listed, _exported])
def test_ten_times_as_much_needs_the_same_memory(
    house_of: Callable[[int], House], rule: Callable[[Unit], None]
):
    """The list that the desk downloads, `ecf list`, `audit export`."""

    def peak(number: int) -> int:
        with house_of(number).database.reading() as unit:
            rule(unit)  # what is made once
            gc.collect()
            tracemalloc.start()
            try:
                rule(unit)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    few = peak(FEW)
    assert peak(MANY) < few * MOST_MORE


@ON_ONE
def test_jobs_ask_as_often_as_there_are_parts(house_of: Callable[[int], House]):
    """Counting a court's logins, and making the entries that they are searched by."""

    def count(unit: Unit) -> None:
        states.counted(unit, "casd")

    def fill(unit: Unit) -> None:
        unit.execute(text("DELETE FROM search_fillings"))
        while filling.step(unit, "legacy_logins", found_by.fill):
            pass

    def asked(number: int, job: Callable[[Unit], None]) -> int:
        with house_of(number).database.writing() as unit, Plans(unit) as plans:
            job(unit)
        return len(plans.statements)

    few, many = ([asked(number, job) for job in (count, fill)] for number in (FEW, 4 * FEW))
    assert all(less < more <= 4 * less for less, more in zip(few, many, strict=True))


class _Weak(frozenset[str]):
    """Logins whose hashes are weak, and how often they were all gone through."""

    walks = 0

    def __sub__(self, other: Any) -> frozenset[str]:
        _Weak.walks += 1
        return super().__sub__(other)


@ON_ONE
def test_an_import_goes_through_its_weak_hashes_once(house: House, monkeypatch: pytest.MonkeyPatch):
    """And not once for each line, which is a minute where a court has 60,000."""
    prepare = importing._prepare

    def watched(
        means: Means, lines: Sequence[ImportLine], weak: frozenset[str], *more: Any
    ) -> dict[str, str]:
        return prepare(means, lines, _Weak(weak), *more)

    monkeypatch.setattr(importing, "_prepare", watched)
    monkeypatch.setattr(_Weak, "walks", 0)
    house.load("casd", *(line(f"login{n}") for n in range(9)))
    assert _Weak.walks == 1
