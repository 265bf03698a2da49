"""What inviting takes: a form, a body and the line of a file are the same."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import Field

from signon.accounts import checks
from signon.accounts.directory import email_key
from signon.errors import InputError
from signon.firms import bulk_files
from signon.firms.access import Authority
from signon.firms.entries import checked_remark, is_number
from signon.firms.models import InvitationKind
from signon.web.json_bodies import Body

UNCONFIRMED = "Confirm that this person works for or with the firm and knows of the invitation."
REQUIRED, OPTIONAL = (
    ("last_name", "remark"),
    ("account_number", "first_name", "email", "cost_center"),
)
"""The columns of a file of invitations; a line has an account number, or a name and an address."""
PROBLEM = "problem"
"""The column that says of a line that was sent back why it could not be done; sent again, it says
nothing.
"""
COLUMNS = (*REQUIRED, *OPTIONAL)


class InvitationLine(Body):
    """Whom to invite: an account number and its last name, or for a person who has no account yet
    first name, last name and address. `administrator`: to manage the firm.
    """

    last_name: str = Field(examples=["Attorney"])
    """The person’s last name."""
    remark: str = Field(examples=["Welcome to the firm."])
    """Why; the person reads it."""
    kind: str = Field(
        InvitationKind.MEMBER.value, json_schema_extra={"enum": ["member", "administrator"]}
    )
    """`member`, or `administrator` to manage the firm."""
    account_number: str | None = Field(None, examples=["1000001"])
    """The person’s account number, if there is one."""
    first_name: str | None = Field(None, examples=["Ada"])
    """The first name of a person without an account."""
    email: str | None = Field(None, examples=["ada@example.org"])
    """The address of a person without an account."""
    cost_center: str | None = Field(None, examples=["LIT-2"])
    """The code of the cost center to put the member into."""


class NewInvitation(InvitationLine):
    """`acknowledged`: this person works for or with the firm and knows of it."""

    acknowledged: bool
    """That this person works for or with the firm and knows of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to invite. A prepared account has a first name and an address instead of a number."""

    kind: InvitationKind
    last_name: str
    remark: str
    account_number: str | None = None
    first_name: str | None = None
    email: str | None = None
    cost_center: str | None = None

    @property
    def target(self) -> str:
        """What may be invited once at a time."""
        return self.account_number or email_key(self.email or "")


def of_file(text: str) -> list[InvitationLine]:
    """The lines of a file. Raises InputError."""
    filled = [{name: value for name, value in line.items() if value} for line in cells(text)]
    return [InvitationLine(**{"last_name": "", "remark": "", **line}) for line in filled]


def cells(text: str) -> list[dict[str, str]]:
    """The same as they were written. Raises InputError."""
    lines = bulk_files.read(text, REQUIRED, (*OPTIONAL, PROBLEM))
    return [{name: line[name] for name in COLUMNS if name in line} for line in lines]


def sent_back(text: str, problems: Mapping[int, str]) -> str:
    """The lines that cannot be done, by their place, each with why; to be mended and sent again."""
    lines = cells(text)
    refused = [{**lines[number - 1], PROBLEM: why} for number, why in problems.items()]
    columns = (*COLUMNS, PROBLEM)
    filled = [{name: line.get(name, "") for name in columns} for line in refused]
    return bulk_files.write(filled, columns, with_heading=True)


def asked_by(authority: Authority, line: InvitationLine) -> Asked:
    """What a line asks for. Raises InputError.

    Who manages a firm is for people to say: raises as `Authority.require_person` does.
    """
    if line.kind not in {InvitationKind.MEMBER, InvitationKind.ADMINISTRATOR}:
        raise InputError("There are member and administrator.", field="kind")
    kind = InvitationKind(line.kind)
    if line.account_number is None and kind is InvitationKind.MEMBER:
        kind = InvitationKind.PREPARED
    elif line.email is not None or line.first_name is not None:
        raise InputError(
            "Give an account number, or first name and address; not both.", field="account_number"
        )
    if kind is InvitationKind.ADMINISTRATOR:
        authority.require_person()
    given = line.model_dump(exclude={"kind", "acknowledged"})
    return Asked(kind=kind, **given)


def checked(asked: Asked, *, is_acknowledged: bool) -> Asked:
    """The same with tidy values. Raises InputError for the first that cannot be used."""
    if not is_acknowledged:
        raise InputError(UNCONFIRMED, field="acknowledged")
    last_name = checks.name(asked.last_name, "last_name", 100)
    if not last_name:
        raise InputError("Enter the last name.", field="last_name")
    tidy = Asked(
        asked.kind,
        last_name,
        checked_remark(asked.remark),
        cost_center=(asked.cost_center or "").strip() or None,
    )
    if asked.kind is InvitationKind.PREPARED:
        first_name = checks.name(asked.first_name, "first_name", 100)
        return replace(tidy, first_name=first_name, email=checks.email(asked.email or ""))
    number = (asked.account_number or "").strip()
    if not is_number(number):
        raise InputError("An account number has seven digits.", field="account_number")
    return replace(tidy, account_number=number)
