"""What programs of firms are answered, and what they send."""

from datetime import date, datetime

from signon.accounts.models import AccountKind, SearchStatus
from signon.firms import figures, members
from signon.firms.bulk import Outcome, Progress
from signon.firms.directory import Firm
from signon.firms.invitation_list import Invitation
from signon.firms.models import InvitationKind, InvitationStatus
from signon.web.json_bodies import Shown

# ── The firm ─────────────────────────────────────────────────────────────────


class FirmMonth(Shown):
    """`members` is how many there were at its end."""

    month: date
    members: int
    joined: int
    parted: int
    invited: int


class FirmSeen(Shown):
    """A firm, with how many members it has and how that came about."""

    account_number: str
    name: str
    active: bool
    upgraded: bool
    own_sign_in_administers: bool
    members: int
    members_searching: int
    pending_invitations: int
    months: list[FirmMonth]


class ClientCodePolicySeen(Shown):
    """The rule for members' client codes; without `required` and `pattern` they have their own."""

    required: bool
    pattern: str | None


def firm(seen: Firm, counted: figures.Figures) -> FirmSeen:
    """A firm."""
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

    account_number: str
    account_type: AccountKind
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    search_status: SearchStatus
    cost_center: str | None
    joined_at: datetime


class FirmMembers(Shown):
    """A page of them."""

    members: list[FirmMember]


def member(seen: members.Member) -> FirmMember:
    """A member."""
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
    """An invitation. It stays `pending` whether or not there is such an account."""

    id: str
    kind: InvitationKind
    status: InvitationStatus
    account_number: str | None
    first_name: str | None
    last_name: str
    email: str | None
    remark: str
    cost_center: str | None
    created_at: datetime
    sent_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    bulk_id: str | None


class FirmInvitations(Shown):
    """A page of them, newest first."""

    invitations: list[FirmInvitation]


def invitation(seen: Invitation) -> FirmInvitation:
    """An invitation."""
    return FirmInvitation(**{name: getattr(seen, name) for name in FirmInvitation.model_fields})


class BulkLine(Shown):
    """What became of a line; `type` and `detail` say why it was refused. Lines count from 1."""

    line: int
    target: str
    done: bool
    id: str | None
    type: str | None
    detail: str | None


class BulkOutcome(Shown):
    """A bulk operation with a result for each line; `id` of null: nothing was done."""

    id: str | None
    done: int
    refused: int
    lines: list[BulkLine]


class BulkProgress(Shown):
    """How far a bulk operation is: of those that were done, how many are worked off."""

    id: str
    kind: str
    lines: int
    done: int
    handled: int


def outcome(made: Outcome) -> BulkOutcome:
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
    return BulkOutcome(id=made.id, done=done, refused=made.refused, lines=lines)


def progress(seen: Progress) -> BulkProgress:
    """How far it is."""
    return BulkProgress(**{name: getattr(seen, name) for name in BulkProgress.model_fields})
