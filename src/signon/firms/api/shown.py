"""What programs of firms are answered, and what they send."""

from signon.accounts.models import AccountKind, SearchStatus
from signon.firms import figures, members
from signon.firms.bulk import Outcome, Progress
from signon.firms.directory import Firm
from signon.firms.invitation_list import Invitation
from signon.firms.models import InvitationKind, InvitationStatus
from signon.rest import Answer
from signon.rest.values import CostCenterCode, Day, Email, Id, Mask, Number, When
from signon.web.json_bodies import Shown

# ── The firm ─────────────────────────────────────────────────────────────────


class FirmMonth(Shown):
    """How a month changed who belongs to a firm."""

    month: Day
    """First day of the month."""
    members: int
    """How many members there were at its end."""
    joined: int
    """How many joined in it."""
    parted: int
    """How many left or were removed in it."""
    invited: int
    """How many invitations were sent in it."""


class FirmSeen(Shown):
    """A firm, with how many members it has and how that came about."""

    account_number: Number
    name: str
    """The firm’s name."""
    active: bool
    """Whether the firm’s account is open."""
    upgraded: bool
    """Whether its account is an upgraded one; until then it cannot be managed here."""
    own_sign_in_administers: bool
    """Whether the firm’s own account is among its administrators."""
    members: int
    """How many members it has now."""
    members_searching: int
    """How many of them have an active case search."""
    pending_invitations: int
    """How many invitations can still be answered."""
    months: list[FirmMonth]
    """The last twelve months, the oldest first."""


class ClientCodePolicySeen(Shown):
    """The rule for members' client codes; without `required` and `pattern` they have their own."""

    required: bool
    """Whether a member’s sign-in asks for a client code."""
    pattern: Mask


class ProgramPolicySeen(Shown):
    """The rule for programs that sign in with the passwords of members."""

    allowed: bool
    """Whether they may; a member can forbid it for the own account in any case."""


def firm(seen: Firm, counted: figures.Figures) -> FirmSeen:
    """A firm in figures, as programs read it."""
    return FirmSeen(
        account_number=seen.number,
        name=seen.name,
        active=seen.is_active,
        upgraded=seen.is_upgraded,
        own_sign_in_administers=seen.own_sign_in,
        members=counted.members,
        members_searching=counted.searching,
        pending_invitations=counted.pending,
        months=[
            FirmMonth(
                month=one.first,
                members=one.members,
                joined=one.joined,
                parted=one.parted,
                invited=one.invited,
            )
            for one in counted.months
        ],
    )


# ── Members ──────────────────────────────────────────────────────────────────


class FirmMember(Shown):
    """A member as the firm may see them."""

    account_number: Number
    account_type: AccountKind
    """What the member’s account is for."""
    first_name: str | None
    """First name; null when the account has none."""
    middle_name: str | None
    """Middle name or names; null when there is none."""
    last_name: str | None
    """Last name; null when the account has none."""
    search_status: SearchStatus
    """Whether the member may search cases, which the firm pays for."""
    cost_center: CostCenterCode | None
    """Code of the member’s cost center; null when they are in none."""
    joined_at: When
    """When they became a member."""


class FirmMembers(Shown):
    """A page of them."""

    members: list[FirmMember]
    """Members of this page; in an export all of them."""


def member(seen: members.Member) -> FirmMember:
    """A member, as the firm may see them."""
    return FirmMember(
        account_number=seen.number,
        account_type=seen.kind,
        first_name=seen.first_name,
        middle_name=seen.middle_name,
        last_name=seen.last_name,
        search_status=seen.search_status,
        cost_center=seen.cost_center,
        joined_at=seen.joined_at,
    )


# ── Invitations ──────────────────────────────────────────────────────────────


class FirmInvitation(Shown):
    """An invitation as its firm sees it."""

    id: Id
    """Its id, for sending it again or withdrawing it."""
    kind: InvitationKind
    """What accepting makes of the person; `prepared` is for somebody who may have no account
    yet.
    """
    status: InvitationStatus
    """Where it stands; it stays `pending` whether or not there is such an account."""
    account_number: Number | None
    """Number that was invited; null when the person was invited by name and address."""
    first_name: str | None
    """First name that was given; null when an account number was."""
    last_name: str
    """Last name that was given; the account’s must fit it."""
    email: Email | None
    """Address that was given; null when an account number was."""
    remark: str
    """What the firm says with it; the person reads it."""
    cost_center: CostCenterCode | None
    """Code of the cost center that the member will be in; null for none."""
    created_at: When
    """When it was made."""
    sent_at: When
    """When it was last mailed."""
    expires_at: When
    """Until when it can be answered."""
    answered_at: When | None
    """When it was accepted, declined or withdrawn, as far as the firm is told; null otherwise."""
    bulk_id: Id | None
    """Id of the bulk operation that it was made by; null when it was made alone."""


class FirmInvitations(Shown):
    """A page of them, newest first."""

    invitations: list[FirmInvitation]
    """Invitations of this page, newest first."""


def invitation(seen: Invitation) -> FirmInvitation:
    """An invitation, as the firm reads it."""
    return FirmInvitation(**{name: getattr(seen, name) for name in FirmInvitation.model_fields})


class BulkLine(Shown):
    """What became of a line."""

    line: int
    """Number of the line as it was sent; the first is 1."""
    target: str
    """Whom the line is about: an account number or an address."""
    done: bool
    """Whether it was done."""
    id: Id | None
    """Id of the invitation that was made; null when none was."""
    type: str | None
    """Problem type that says why the line was refused; null when it was not."""
    detail: str | None
    """The same in a sentence for people; null when it was not refused."""


class BulkOutcome(Shown):
    """A bulk operation with a result for each line."""

    id: Id | None
    """Id of the bulk operation, to ask how far it is; null when nothing was done."""
    done: int
    """How many lines were done."""
    refused: int
    """How many lines were refused."""
    lines: list[BulkLine]
    """What became of each line, in the order in which they were sent."""


class BulkProgress(Shown):
    """How far a bulk operation is: of those that were done, how many are worked off."""

    id: Id
    """Id that the bulk operation was answered."""
    kind: str
    """What it does: `invitations` or `removals`."""
    lines: int
    """How many lines were sent."""
    done: int
    """How many of them were done."""
    handled: int
    """How many of those are worked off, with their mails written."""


class FirmReminded(Shown):
    """How many were mailed again."""

    reminded: int
    """How many invitations were sent again."""


def bulk(made: Outcome) -> Answer:
    """A bulk operation."""
    lines = [
        BulkLine(
            line=one.number,
            target=one.target,
            done=one.problem is None and made.id is not None,
            id=one.id if one.problem is None and made.id is not None else None,
            type=one.type,
            detail=one.detail,
        )
        for one in made.lines
    ]
    done = sum(line.done for line in lines)
    return Answer(BulkOutcome(id=made.id, done=done, refused=made.refused, lines=lines))


def progress(seen: Progress) -> BulkProgress:
    """How far it is."""
    return BulkProgress(**{name: getattr(seen, name) for name in BulkProgress.model_fields})
