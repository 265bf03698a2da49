"""`signon accounts` as an operator meets it."""

import io
import json
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from signon.accounts.models import accounts, mailed_links
from signon.audit.models import events as audited
from signon.db import Database
from tests.infra import queued
from tests.infra.command_line import CommandLine, Done
from tests.infra.databases import ON_ONE

PASSWORD = "correct horse battery staple"
PERSON = (
    *("--kind", "individual", "--username", "ada.byron", "--email", "ada@example.com"),
    *("--first-name", "Ada", "--last-name", "Byron", "--date-of-birth", "1975-12-10"),
)


class Operator:
    """Runs commands, some with a password on standard input."""

    def __init__(self, signon: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.signon = signon
        self._monkeypatch = monkeypatch

    def create(self, *options: str, password: bytes | None = PASSWORD.encode() + b"\n") -> Done:
        """`accounts create`; a password of None leaves `--password-stdin` out."""
        stdin = io.TextIOWrapper(io.BytesIO(password or b""))
        self._monkeypatch.setattr(sys, "stdin", stdin)
        flag = () if password is None else ("--password-stdin",)
        return self.signon("accounts", "create", *options, *flag)


@pytest.fixture
def operator(signon: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Operator:
    return Operator(signon, monkeypatch)


def test_create_prints_the_number(operator: Operator):
    """One JSON document, nothing else, and `show` knows the number."""
    done = operator.create(*PERSON, "--json")
    assert (done.status, done.err) == (0, "")
    made = json.loads(done.out)
    assert len(made["account_number"]) == 7
    assert made["upgraded"] is True
    shown = json.loads(operator.signon("accounts", "show", made["account_number"], "--json").out)
    assert shown["username"] == "ada.byron"
    assert shown["date_of_birth"] == "1975-12-10"
    assert shown["password_guesses_left"] == 100
    assert not any("argon2" in str(value) for value in shown.values())


@ON_ONE
def test_a_day_is_written_in_one_way(operator: Operator):
    """What is wrong with another is said by an example."""
    said = operator.create("--date-of-birth", "31/12/1990")
    assert (said.status, "write it as" in said.err) == (2, True)


def test_an_operator_may_answer_for_the_address(operator: Operator, database: Database):
    """`--email-verified`; an address that nobody answers for is none that is proved."""
    operator.create(*PERSON, "--email-verified")
    operator.create(*PERSON, "--username", "ada.lovelace")
    with database.reading() as unit:
        found = dict(unit.execute(select(accounts.c.username, accounts.c.email_verified)).all())
    assert found == {"ada.byron": True, "ada.lovelace": False}


@ON_ONE
def test_the_trail_is_searched_by_account_event_and_time(operator: Operator):
    """`audit tail --account --event --since`; what cannot be read is a wrong usage."""
    made = json.loads(operator.create(*PERSON, "--json").out)["account_number"]
    operator.create(*PERSON, "--username", "ada.lovelace")
    assert operator.signon("accounts", "disable", made, "--reason", "on leave").status == 0

    def found(*options: str) -> list[str]:
        done = operator.signon("audit", "tail", *options, "--json")
        assert done.status == 0, done.err
        return [one["event"] for one in json.loads(done.out)]

    assert found("--account", made) == ["accounts:account:created", "accounts:account:disabled"]
    assert found("--event", "accounts:account:created") == ["accounts:account:created"] * 2
    assert set(found("--event", "accounts:")) >= {"accounts:account:disabled"}
    assert found("--event", "accounts:account:created", "--since", "1h", "-n", "1") == [
        "accounts:account:created"
    ]
    assert found("--since", "2999-01-01") == []
    assert operator.signon("audit", "tail", "--since", "yesterday").status == 2
    assert operator.signon("audit", "tail", "--account", "0000000").status == 1


def test_a_history_holds_no_python(operator: Operator, database: Database):
    """Before and after as people read them."""
    made = json.loads(operator.create(*PERSON, "--json").out)["account_number"]
    assert operator.signon("accounts", "disable", made, "--reason", "on leave").status == 0
    shown = operator.signon("accounts", "history", made).out
    assert "status: disabled" in shown
    assert "{" not in shown


@ON_ONE
def test_created_on_decides_legacy(operator: Operator):
    """The day before is legacy, with the username of old."""
    done = operator.create(*PERSON, "--created-on", "2014-08-10", "--json")
    assert json.loads(done.out)["upgraded"] is False


@ON_ONE
@pytest.mark.parametrize(
    ("stdin", "ends"),
    [
        (PASSWORD.encode(), 0),
        (PASSWORD.encode() + b"\n", 0),
        (PASSWORD.encode() + b"\n\n", 1),
        (b"too short\n", 1),
        (b"", 1),
        (b"\xff\xfe" * 20, 1),
    ],
)
def test_password_from_standard_input(operator: Operator, stdin: bytes, ends: int):
    """All of it is the password, but for one final newline; a refusal changes nothing."""
    done = operator.create(*PERSON, password=stdin)
    assert done.status == ends
    assert len(done.err.splitlines()) == ends
    listed = json.loads(operator.signon("accounts", "list", "--json").out)
    assert len(listed) == 1 - ends


def test_without_a_password_a_link_is_mailed(operator: Operator, wired: Database):
    """For a day, once; the same by `recover`. Neither prints the link."""
    done = operator.create(*PERSON, "--json", password=None)
    number = json.loads(done.out)["account_number"]
    again = operator.signon("accounts", "recover", number)
    assert (again.status, "token" in done.out + done.err + again.out + again.err) == (0, False)
    with wired.reading() as unit:
        links = unit.execute(select(mailed_links)).all()
        events = unit.execute(select(audited.c.event)).scalars().all()
    assert [link.expires_at - link.created_at for link in links] == [timedelta(days=1)] * 2
    assert {(mail["message"], mail["to"]) for mail in queued.payloads(wired)} == {
        ("choose_password", "ada@example.com")
    }
    assert events.count("recovery:link:started") == 2


def test_a_closed_account_gets_no_link(operator: Operator, wired: Database):
    """The line says what to do first; nothing is mailed."""
    number = json.loads(operator.create(*PERSON, "--json").out)["account_number"]
    operator.signon("accounts", "disable", number, "--reason", "left")
    refused = operator.signon("accounts", "recover", number)
    assert (refused.status, "enable" in refused.err) == (1, True)
    with wired.reading() as unit:
        assert unit.execute(select(mailed_links)).all() == []


@ON_ONE
@pytest.mark.parametrize(
    ("options", "ends", "says"),
    [
        (
            ("--kind", "individual", "--username", "ada.byron", "--email", "a@example.com"),
            1,
            "last name",
        ),
        (("--kind", "firm", "--username", "byron-llp", "--email", "a@example.com"), 1, "firm name"),
        (("--kind", "firma", "--username", "byron-llp", "--email", "a@example.com"), 2, "--kind"),
        (("--username", "byron-llp", "--email", "a@example.com"), 2, "--kind"),
        ((*PERSON, "--created-on", "11.8.2014"), 2, "--created-on"),
        ((*PERSON, "--created-on", "2999-01-01"), 1, "future"),
    ],
)
def test_wrong_input(operator: Operator, options: tuple[str, ...], ends: int, says: str):
    """Refused with a line (1) or as wrong usage (2); nothing is made."""
    done = operator.create(*options)
    assert done.status == ends
    assert says in done.err
    assert json.loads(operator.signon("accounts", "list", "--json").out) == []


def test_list_pages_and_filters(operator: Operator):
    """By number, so many at a time, and the line beside it says how to go on."""
    for index in range(3):
        operator.create(
            "--kind", "shared", "--username", f"library{index}", "--email", "l@example.com"
        )
    operator.create("--kind", "operator", "--username", "operator", "--email", "o@example.com")
    first = operator.signon("accounts", "list", "--kind", "shared", "--limit", "2", "--json")
    page = [row["account_number"] for row in json.loads(first.out)]
    assert page == sorted(page)
    assert f"--after {page[-1]}" in first.err
    rest = operator.signon("accounts", "list", "--kind", "shared", "--after", page[-1], "--json")
    assert (len(json.loads(rest.out)), rest.err) == (1, "")
    assert (
        json.loads(operator.signon("accounts", "list", "--status", "disabled", "--json").out) == []
    )


def test_disable_and_enable(operator: Operator):
    """Closed with a reason, refused a second time, opened again."""
    number = json.loads(operator.create(*PERSON, "--json").out)["account_number"]
    assert operator.signon("accounts", "disable", number).status == 2
    closed = operator.signon("accounts", "disable", number, "--reason", "left", "--json")
    assert json.loads(closed.out)["status"] == "disabled"
    again = operator.signon("accounts", "disable", number, "--reason", "left")
    assert (again.status, again.out) == (1, "")
    opened = operator.signon("accounts", "enable", number, "--json")
    assert json.loads(opened.out)["status"] == "active"
    assert operator.signon("accounts", "show", "0000000").status == 1


def test_an_unmigrated_database_is_said(
    operator: Operator, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    """One line, and the mend."""
    monkeypatch.setenv("SIGNON_DATABASE_URL", empty_database_url)
    done = operator.create(*PERSON)
    assert done.status == 1
    assert len(done.err.splitlines()) == 1


def test_what_operators_do(operator: Operator, wired: Database):
    """Find, search off and on, sign out, thaw, release, history: one line each, refused twice."""
    number = json.loads(operator.create(*PERSON, "--json").out)["account_number"]
    signon = operator.signon
    for words in (number, "ADA.byron", "ada@example.com", "ada byron", "byr"):
        assert number in signon("accounts", "find", words).out
    assert number not in signon("accounts", "find", "nobody at all").out
    off = ("accounts", "search", number, "--off", "--reason", "fees unpaid")
    assert [signon(*off).status for _ in range(2)] == [0, 1]
    assert "active" in signon("accounts", "search", number, "--on").out
    assert signon("accounts", "search", number).status == 2
    assert signon("accounts", "sign-out", number).status == 0
    for column, command in (("frozen_at", "thaw"), ("status", "release")):
        with wired.writing() as unit:
            values = {"frozen_at": unit.now} if column == "frozen_at" else {"status": "held"}
            unit.execute(update(accounts).values(**values))
        assert [signon("accounts", command, number).status for _ in range(2)] == [0, 1]
    asked = ("accounts", "reset-factors", number, "--reason", "phone burnt")
    assert [signon(*asked).status, signon("accounts", "keep-factors", number).status] == [1, 1]
    with wired.writing() as unit:
        unit.execute(update(accounts).values(has_factor=True))
    assert [signon(*asked).status for _ in range(2)] == [0, 1]
    assert [signon("accounts", "keep-factors", number).status for _ in range(2)] == [0, 1]
    changes = json.loads(signon("accounts", "history", number, "--json").out)
    assert [change["subject"] for change in changes] == [
        "factor_reset",
        "factor_reset",
        "status",
        "search_status",
        "search_status",
    ]
    assert {change["actor"] for change in changes} == {"command_line"}
