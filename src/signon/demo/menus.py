"""A court's menus, from one table: what a filing category opens, at which kind of court."""

from collections.abc import Iterator
from dataclasses import dataclass

from signon.courts.registry import CourtType
from signon.demo.rights import Rights
from signon.filing.roles import Permission, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of document; `id` is the last part of its address."""

    id: str
    label: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class Menu:
    """One menu of the bar. `roles`: only for these; None for whoever may use an entry."""

    id: str
    label: str
    court: CourtType | None
    entries: tuple[Entry, ...]
    roles: frozenset[Role] | None = None

    def opened_to(self, rights: Rights) -> "Menu | None":
        """The menu with the entries that these rights open, or None when there are none."""
        if not rights.may_file or (self.roles and not self.roles & set(rights.filing_roles)):
            return None
        entries = tuple(entry for entry in self.entries if entry.permission in rights.permissions)
        return Menu(self.id, self.label, self.court, entries, self.roles) if entries else None

    def entry(self, entry_id: str) -> Entry | None:
        """The entry of that id."""
        return next((entry for entry in self.entries if entry.id == entry_id), None)


def _all(**entries: str) -> tuple[Entry, ...]:
    return tuple(
        Entry(name.replace("_", "-"), label, Permission.ALL_DOCUMENTS)
        for name, label in entries.items()
    )


MENUS = (
    Menu(
        "bankruptcy",
        "Bankruptcy",
        CourtType.BANKRUPTCY,
        _all(
            petition="Open a bankruptcy case",
            motion="Motions and applications",
            answer="Answers and responses",
            plan="Plan",
            claim_actions="Claim actions",
            other="Other documents",
        ),
    ),
    Menu(
        "adversary",
        "Adversary",
        CourtType.BANKRUPTCY,
        _all(
            complaint="Open an adversary case: complaint",
            adversary_motion="Motions",
            adversary_answer="Answers",
        ),
    ),
    Menu(
        "trustee",
        "Trustee",
        CourtType.BANKRUPTCY,
        _all(
            no_distribution="Report of no distribution",
            assets="Notice of assets",
            meeting="Meeting of creditors held",
            final_report="Final report and account",
        ),
        frozenset({Role.TRUSTEE, Role.US_TRUSTEE}),
    ),
    Menu(
        "claims",
        "File Claims",
        CourtType.BANKRUPTCY,
        (
            Entry("claim", "Proof of claim", Permission.CLAIMS),
            Entry("transfer", "Transfer of claim", Permission.CLAIM_TRANSFERS),
            Entry("reaffirmation", "Reaffirmation agreement", Permission.REAFFIRMATION_AGREEMENTS),
        ),
    ),
    Menu(
        "notices",
        "Request Notice",
        None,
        (Entry("notice", "Request for notice", Permission.NOTICE_REQUESTS),),
    ),
    Menu(
        "civil",
        "Civil",
        CourtType.DISTRICT,
        _all(
            complaint="Complaints and other initiating documents",
            motion="Motions and related filings",
            answer="Answers and responses",
            discovery="Discovery documents",
            other="Other documents",
        ),
    ),
    Menu(
        "criminal",
        "Criminal",
        CourtType.DISTRICT,
        _all(
            criminal_motion="Motions and related filings",
            plea="Plea and sentencing documents",
            criminal_other="Other documents",
        ),
        frozenset({Role.ATTORNEY}),
    ),
    Menu(
        "certificates",
        "Course Certificates",
        CourtType.BANKRUPTCY,
        (Entry("certificate", "Certificate of completion", Permission.COURSE_CERTIFICATES),),
    ),
    Menu(
        "transcripts",
        "Transcripts",
        None,
        (Entry("transcript", "Transcript of a hearing", Permission.TRANSCRIPTS),),
    ),
    Menu(
        "mediation",
        "Mediation",
        None,
        (Entry("mediation-report", "Report of a mediation", Permission.MEDIATION_REPORTS),),
    ),
    Menu(
        "audits",
        "Audits",
        CourtType.BANKRUPTCY,
        (Entry("audit-report", "Report of an audit", Permission.AUDIT_REPORTS),),
    ),
)
"""In the order of the menu bar; a court of None is any court."""


def filing_menus(rights: Rights, court: CourtType) -> list[Menu]:
    """The filing menus of this person at such a court."""
    return list(_opened(rights, court))


def _opened(rights: Rights, court: CourtType) -> Iterator[Menu]:
    for menu in MENUS:
        if menu.court in {None, court} and (opened := menu.opened_to(rights)):
            yield opened
