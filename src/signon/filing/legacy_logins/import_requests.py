"""An import that a second member of the staff confirms, by sending the very same file.

The file is not kept meanwhile: hashes of passwords are in it, and whoever confirms one shall have
read it. Who sends what a colleague asked to import, confirms that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from signon.accounts.directory import Account
from signon.db import Unit
from signon.filing.court import requests, second_member
from signon.filing.court.desk import Desk, Power
from signon.filing.court.requests import Request
from signon.filing.court.second_member import Kind
from signon.filing.legacy_logins import importing
from signon.filing.legacy_logins.import_changes import Change
from signon.filing.legacy_logins.import_file import CourtList
from signon.filing.legacy_logins.importing import Means, Report
from signon.web.acts import Act

MOST_WEAK = 200
"""Slow hashes that whoever waits for an answer may bring."""


def _desk(_unit: Unit, desk: Desk) -> Desk:
    return desk


MAY_IMPORT = Act("import", _desk, needs=Power.IMPORT)
"""Whoever may, as they are now: the import itself runs after this unit."""


def run(
    means: Means,
    desk: Desk,
    listed: CourtList,
    prove: Callable[[Unit], Desk],
    *,
    dry_run: bool,
    confirm: str | None,
) -> Report:
    """Import what somebody at a desk has sent; `prove` answers the desk once more in its unit, for
    hashing takes its time, and whoever sent this may be signed out by then. `confirm`: what they
    agreed to (`importing.agreement_to`). Blocking.

    Raises as `importing.run` and `requests.spend` do, and SecondMemberError.
    """
    digest = listed.digest
    sender = Sender(desk, digest, prove)

    def may_shrink(changes: Sequence[Change]) -> bool:
        return confirm == importing.agreement_to(digest, changes)

    return importing.run(
        means,
        desk.court.id,
        listed,
        dry_run=dry_run,
        may_shrink=may_shrink,
        actor=desk.actor,
        is_own=sender.is_own,
        most_weak=MOST_WEAK,
        require=sender.require,
        finish=sender.finish,
    )


class Counting(Protocol):
    """What an import did, in counts."""

    @property
    def counts(self) -> Mapping[str, int]:
        """By their names."""
        ...


class Sender:
    """Whoever sends a file; `prove` answers the desk, proved in the unit that it is given."""

    def __init__(self, desk: Desk, digest: str, prove: Callable[[Unit], Desk]) -> None:
        self._desks = [desk]
        self._digest = digest
        self._prove = prove

    def is_own(self, holder: str | None, email: str) -> bool:
        """Whether a login is that of whoever sends, or of the colleague who asked."""
        return any(desk.is_own_login(holder, email) for desk in self._desks)

    def require(self, unit: Unit) -> str | None:
        """The sender may still import; answers the colleague whose request that confirms.

        Raises as `requests.spend` does, and whatever `prove` does.
        """
        desk = self._prove(unit)
        asker = _spent(unit, desk, self._digest)
        self._desks = [replace(desk, asked_by=asker.id if asker else None)]
        if asker is not None:
            self._desks.append(replace(desk, actor=asker.id, account=asker))
        return self._desks[0].asked_by

    def finish(self, _unit: Unit, report: Counting) -> None:
        """Raises SecondMemberError for somebody who may not import alone."""
        second_member.require(self._desks[0], Kind.IMPORT, asked(self._digest, report))


def asked(digest: str, report: Counting) -> dict[str, Any]:
    """What a request for a second member holds of an import."""
    counts = {name: count for name, count in report.counts.items() if count}
    return {"file_sha256": digest, "counts": counts}


def is_asked(unit: Unit, desk: Desk, digest: str) -> bool:
    """Whether a colleague has asked for this file, so that whoever sends it confirms that."""
    return _of_colleague(unit, desk, digest) is not None


def _spent(unit: Unit, desk: Desk, digest: str) -> Account | None:
    found = _of_colleague(unit, desk, digest)
    return requests.spend(unit, desk, found) if found else None


def _of_colleague(unit: Unit, desk: Desk, digest: str) -> Request | None:
    if desk.role is None:
        return None
    for one in requests.waiting(unit, desk):
        is_this = one.kind is Kind.IMPORT and one.asked["file_sha256"] == digest
        if is_this and one.asked_by != desk.actor:
            return one
    return None
