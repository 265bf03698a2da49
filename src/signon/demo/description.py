"""Saying who can sign in where: `demo.json` for programs, a table for people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from signon.demo.addresses import Addresses
from signon.demo.court_clients import CourtClient
from signon.demo.people import PEOPLE, Person


def described(
    addresses: Addresses, numbers: Mapping[str, str], clients: Iterable[CourtClient]
) -> dict[str, Any]:
    """The content of `demo.json` (interface contract 1)."""
    return {
        "issuer": addresses.issuer,
        "people": [_person(person, numbers[person.username]) for person in PEOPLE],
        "clients": [client.described() for client in clients],
        "addresses": dict(addresses.all),
    }


def _person(person: Person, number: str) -> dict[str, Any]:
    return {
        "username": person.username,
        "password": person.password,
        "purpose": person.purpose,
        "account_number": number,
        **({"totp_secret": person.totp_secret} if person.totp_secret else {}),
        "ecf": [
            {"court": ecf.court, "login": ecf.login, "password": ecf.password}
            for ecf in person.unused_logins
        ],
    }


def lines(addresses: Addresses, folder: str) -> Iterator[str]:
    """What a terminal shows: where to go, who can sign in, and which logins wait to be linked."""
    at = addresses.all
    yield from _table(
        [
            ("Demo court casb (bankruptcy)", at["casb"]),
            ("Demo court cacd (district)", at["cacd"]),
            ("Mailbox", at["mailbox"]),
            ("Central sign-on", at["signon"]),
        ]
    )
    yield ""
    people = [(person.username, person.password, person.about) for person in PEOPLE]
    yield from _table([("USERNAME", "PASSWORD", "WHO"), *people])
    yield ""
    yield "Legacy CM/ECF logins to link, at a court under Utilities:"
    logins = [
        (person.username, ecf.court, ecf.login, ecf.password)
        for person in PEOPLE
        for ecf in person.unused_logins
    ]
    yield from _table([("USERNAME", "COURT", "LOGIN", "PASSWORD"), *logins])
    yield ""
    yield "These people's sign-in asks for an authenticator app's code. The mailbox shows it; or add"
    yield "its key to an app:"
    yield from _table(
        [
            ("USERNAME", "KEY"),
            *((person.username, person.totp_secret) for person in PEOPLE if person.totp_secret),
        ]
    )
    yield ""
    yield f"To work on this data: .venv/bin/signon --demo --demo-dir {folder} accounts list"
    yield f"The same for programs: {folder}/demo.json. Ctrl-C stops everything."


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
