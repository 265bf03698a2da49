"""The log: one line an event, with the request's id and without anybody's secret."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from signon import logs
from signon.db import Database
from signon.jobs.models import jobs


@pytest.fixture
def log_format() -> str:
    """JSON, unless a test says otherwise."""
    return "json"


@pytest.fixture
def log(
    monkeypatch: pytest.MonkeyPatch, log_format: Literal["json", "console"]
) -> Iterator[io.StringIO]:
    """What a server's log holds."""
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure(log_format)
    structlog.configure(cache_logger_on_first_use=False)
    yield written
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_is_one_json_object(log: io.StringIO):
    """Line breaks in a value start no line of their own (CVE-2020-7694's kind)."""
    logs.get("here").info("said", words='two\nlines "quoted"\x1b[31m')
    (line,) = lines(log)
    assert line["event"] == "said"
    assert line["words"] == 'two\nlines "quoted"\x1b[31m'
    assert (line["source"], line["level"]) == ("here", "info")
    assert str(line["timestamp"]).endswith("Z")
    assert "\x1b" not in log.getvalue()


def test_a_line_bears_its_request(log: io.StringIO):
    """So that what people report can be found."""
    token = logs.request_id.set("req-1")
    logs.get("here").info("during")
    logs.request_id.reset(token)
    logs.get("here").info("after")
    assert [line.get("request_id") for line in lines(log)] == ["req-1", None]


@pytest.mark.parametrize(
    "name", ["password", "client_secret", "refresh_token", "Authorization", "cookie", "otp"]
)
def test_a_secret_that_slips_in_is_blanked(log: io.StringIO, name: str):
    """Whoever logs it by mistake."""
    logs.get("here").info("slip", **{name: "hunter2"})
    assert "hunter2" not in log.getvalue()


def test_libraries_write_in_our_form(log: io.StringIO):
    """Their warnings are JSON lines too; their debugging stays out."""
    logging.getLogger("library").warning("careful with %s", "that")
    logging.getLogger("authlib").debug("the whole token")
    (line,) = lines(log)
    assert (line["source"], line["event"], line["level"]) == (
        "library", "careful with that", "warning"
    )  # fmt: skip


def test_a_failed_statement_does_not_show_the_row(log: io.StringIO, database: Database):
    """PostgreSQL repeats every column of the row that broke a rule."""
    name = "hunter" + "2"  # a traceback shows the program's own lines
    try:
        with database.writing() as unit:
            for _ in range(2):
                unit.execute(insert(jobs), {"name": name, "due_at": unit.now})
    except IntegrityError as error:
        logs.get("here").error("unexpected", exc_info=error)
    assert "IntegrityError" in log.getvalue()
    assert name not in log.getvalue()


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_shows_no_variables(log: io.StringIO):
    """They hold whatever was being worked on, passwords first of all."""
    typed = "hunter" + "2"
    try:
        typed.index("3")
    except ValueError as error:
        logs.get("here").error("unexpected", exc_info=error)
    assert "ValueError" in log.getvalue()
    assert typed not in log.getvalue()
