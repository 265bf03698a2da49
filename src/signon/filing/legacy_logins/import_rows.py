"""The rows of an import: what a court's logins and rights are, and what a file makes of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, case, insert, select, update

from signon import ids
from signon.accounts import password_work
from signon.courts.models import courts
from signon.courts.registry import Court
from signon.crypto import KeyRing
from signon.db import Unit
from signon.filing.legacy_logins import found_by
from signon.filing.legacy_logins.found_by import NamedLogin
from signon.filing.legacy_logins.import_changes import Change, Known
from signon.filing.legacy_logins.import_file import ImportLine
from signon.filing.legacy_logins.legacy_logins import email_key, seal_password
from signon.filing.models import folded_logins, legacy_logins, rights, rights_history
from signon.filing.rights import reductions
from signon.prepared import every, value, values

BATCH = 1000
PROOF = "legacy-login-proof"
"""What the MAC is made for."""
_IMPORTED = ("status", "suspended_by", "roles", "cases", "admission")
"""What a list says of a right."""
_LISTED = ("first_name", "last_name", "bar_id", "email", "status", "roles", "cases")
"""What the last list said of a login."""
_FOUND_BY = ("first_name", "last_name", "email")
"""What of it the entries are made of that it is found by."""


@dataclass(frozen=True, slots=True)
class Importer:
    """Who imports into which court; `asked_by`: the colleague whose request that confirms."""

    ring: KeyRing
    court: Court
    actor: str
    asked_by: str | None = None


def write_logins(
    unit: Unit,
    by: Importer,
    lines: Sequence[ImportLine],
    known: Mapping[str, Known],
    stored: Mapping[str, str],
) -> None:
    """Insert what is new, update what is there; `stored` are prepared passwords by key.

    The password of a linked login stays as it is: it no longer proves anything.
    """
    for start in range(0, len(lines), BATCH):
        _write_some(unit, by, lines[start : start + BATCH], known, stored)


def _write_some(
    unit: Unit,
    by: Importer,
    lines: Sequence[ImportLine],
    known: Mapping[str, Known],
    stored: Mapping[str, str],
) -> None:
    """One batch: its rows are all that is in memory beside the file."""
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    with_password: list[dict[str, Any]] = []
    renamed: list[dict[str, Any]] = []
    for line in lines:
        found = known.get(line.key)
        row = _row(unit, by, line, found.id if found else ids.new_id())
        takes_password = line.key in stored and (found is None or found.right_id is None)
        if takes_password:
            row["row_password"] = seal_password(by.ring, row["row_id"], stored[line.key])
            row["row_password_work"] = password_work.of(stored[line.key])
        if found and any(found.listed[name] != row[f"row_{name}"] for name in _FOUND_BY):
            renamed.append(row)
        if found is None:
            new.append({name.removeprefix("row_"): value for name, value in row.items()})
        else:
            (with_password if takes_password else changed).append(row)
    for statement, rows in (
        (insert(legacy_logins), new),
        (_UPDATE, changed),
        (_UPDATE_WITH_PASSWORD, with_password),
    ):
        if rows:
            unit.execute(statement, rows)
    found_by.put(
        unit,
        (_named(row) for row in new),
        (_named(row, "row_") for row in renamed),
    )


def _named(row: Mapping[str, Any], prefix: str = "") -> NamedLogin:
    return NamedLogin(*(row[prefix + name] for name in NamedLogin._fields))


def write_rights(unit: Unit, court: Court, changes: Sequence[Change], event_id: str) -> None:
    """Apply the changes to rights, with their values before and after; where they shrink, the
    court is told.
    """
    rows = [{"row_id": change.right_id, **_prefixed(change.after)} for change in changes]
    history = [
        {
            "event_id": event_id,
            "right_id": change.right_id,
            "at": unit.now,
            "before": change.before,
            "after": change.after,
        }
        for change in changes
    ]
    _in_batches(unit, _UPDATE_RIGHT, rows)
    _in_batches(unit, insert(rights_history), history)
    reductions.announce(unit, court.id, [one.account_id for one in changes if one.shrinks])


def _in_batches(unit: Unit, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH):
        unit.execute(statement, rows[start : start + BATCH])


def _row(unit: Unit, by: Importer, line: ImportLine, login_id: str) -> dict[str, Any]:
    values = {
        "id": login_id,
        "court_id": by.court.id,
        "login": line.login,
        "login_key": line.key,
        "first_name": line.first_name,
        "last_name": line.last_name,
        "bar_id": line.bar_id,
        "email": line.email,
        "email_key": email_key(line.email),
        "status": line.status,
        "roles": list(line.roles),
        "cases": _listed(line.cases),
        "imported_at": unit.now,
        "imported_by": by.actor,
        "import_asked_by": by.asked_by,
        "proof_mac": _proof_mac(by.ring, line),
    }
    return _prefixed(values)


def _proof_mac(ring: KeyRing, line: ImportLine) -> bytes:
    """Of all that a proof of the login rests on; a MAC, because hashes of passwords are in it."""
    parts = (line.password_hash, line.first_name, line.last_name, line.email, line.status)
    return ring.mac(PROOF, json.dumps(parts).encode())


def hold(unit: Unit, court: Court) -> None:
    """Hold the court's logins and their rights until the unit ends: no other import, no link and
    no decision of the court's staff comes between.
    """
    _hold_court(unit, court.id)
    _hold_logins(unit, court.id)
    _hold_rights(unit, court.id)


def known_logins(unit: Unit, court: Court) -> dict[str, Known]:
    """The court's logins by their keys."""
    found = dict(_known(unit, court.id))
    for one in _folded(unit, court.id):
        if one.key not in found:
            # it came between the two statements
            continue
        found[one.key] = replace(
            found[one.key],
            right_id=one.right_id,
            account_id=one.account_id,
            is_further=True,
            is_accepted=one.accepted_at is not None,
        )
    return found


def _prefixed(values: Mapping[str, Any]) -> dict[str, Any]:
    # a plain column name would be taken for the column's own value in an UPDATE
    return {f"row_{name}": value for name, value in values.items()}


def _listed(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)


def _keyed(
    key: str,
    login_id: str,
    right_id: str | None,
    account_id: str | None,
    login: str,
    pending_for: Sequence[str] | None,
    work: str | None,
    *columns: Any,
) -> tuple[str, Known]:
    listed = dict(zip(_LISTED, columns, strict=False))
    right = dict(zip(_IMPORTED, columns[len(_LISTED) :], strict=True))
    return key, Known(login_id, right_id, account_id, login, listed, right, pending_for or (), work)


@every(_keyed)
def _known(court_id: str) -> Select[*tuple[Any, ...]]:
    linked = (rights.c.legacy_login_id == legacy_logins.c.id) & rights.c.ended_at.is_(None)
    return (
        select(
            legacy_logins.c.login_key,
            legacy_logins.c.id,
            rights.c.id.label("right_id"),
            rights.c.account_id,
            legacy_logins.c.login,
            rights.c.pending_for,
            legacy_logins.c.password_work,
            *(legacy_logins.c[name].label(f"listed_{name}") for name in _LISTED),
            *(rights.c[name] for name in _IMPORTED),
        )
        .select_from(legacy_logins.outerjoin(rights, linked))
        .where(legacy_logins.c.court_id == court_id)
    )


class _Folded(NamedTuple):
    key: str
    right_id: str
    account_id: str
    accepted_at: datetime | None


@every(_Folded)
def _folded(court_id: str) -> Select[str, str, str, datetime | None]:
    """The further logins of filers, the ones first that were folded first; few have any."""
    return (
        select(
            legacy_logins.c.login_key.label("key"),
            folded_logins.c.right_id,
            rights.c.account_id,
            folded_logins.c.accepted_at,
        )
        .join(legacy_logins, legacy_logins.c.id == folded_logins.c.legacy_login_id)
        .join(rights, rights.c.id == folded_logins.c.right_id)
        .where(legacy_logins.c.court_id == court_id, rights.c.ended_at.is_(None))
        .order_by(folded_logins.c.folded_at, legacy_logins.c.login_key)
    )


@value
def _hold_court(court_id: str) -> Select[str]:
    """One import of a court at a time; inserts that only refer to the court go on."""
    return select(courts.c.id).where(courts.c.id == court_id).with_for_update(key_share=True)


@values
def _hold_logins(court_id: str) -> Select[str]:
    """Links wait for the import or it for them (`legacy_logins.hold`)."""
    return (
        select(legacy_logins.c.id)
        .where(legacy_logins.c.court_id == court_id)
        .order_by(legacy_logins.c.id)
        .with_for_update(key_share=True)
    )


@values
def _hold_rights(court_id: str) -> Select[str]:
    return (
        select(rights.c.id)
        .where(
            rights.c.court_id == court_id,
            rights.c.legacy_login_id.is_not(None),
            rights.c.ended_at.is_(None),
        )
        .order_by(rights.c.id)
        .with_for_update()
    )


# An import writes many rows at once: these run by `unit.execute`.
def _update(table: Any, *names: str, **more: Any) -> Any:
    values = {name: bindparam(f"row_{name}", type_=table.c[name].type) for name in names} | more
    return update(table).where(table.c.id == bindparam("row_id")).values(values)


_COLUMNS = [
    "login",
    "first_name",
    "last_name",
    "bar_id",
    "email",
    "email_key",
    "status",
    "roles",
    "cases",
    "imported_at",
    "imported_by",
    "import_asked_by",
    "proof_mac",
]
_MAC = bindparam("row_proof_mac", type_=legacy_logins.c.proof_mac.type)
_VERSION = {
    # what was proved before is not what is there now
    "proof_version": legacy_logins.c.proof_version
    + case((legacy_logins.c.proof_mac.is_not_distinct_from(_MAC), 0), else_=1)
}
_UPDATE = _update(legacy_logins, *_COLUMNS, **_VERSION)
_UPDATE_WITH_PASSWORD = _update(legacy_logins, *_COLUMNS, "password", "password_work", **_VERSION)
_UPDATE_RIGHT = _update(rights, *_IMPORTED)
