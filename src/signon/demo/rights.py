"""What a court knows of a person: the claims of that moment, read once and compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from signon.filing.roles import labels


@dataclass(frozen=True, slots=True)
class Rights:
    """A person at this court. `cases` of None means not limited to cases; `acting_for` is whom a
    filing agent has chosen, with `acting_roles`, and `may_act_for` those that there are to choose.
    """

    subject: str
    name: str
    username: str
    account_number: str
    account_type: str
    may_search: bool
    client_code: str | None
    status: str
    login: str | None
    roles: tuple[str, ...]
    admission: str | None
    permissions: frozenset[str]
    cases: tuple[str, ...] | None
    acting_for: str = ""
    acting_roles: tuple[str, ...] = ()
    may_act_for: tuple[str, ...] = ()
    redaction_due: bool = False

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> "Rights":
        """Read the scopes `profile`, `pacer` and `ecf`, as UserInfo answers them."""
        cases = claims.get("ecf_cases")
        principal = claims.get("ecf_acting_for", {})
        username = str(claims.get("preferred_username", ""))
        return cls(
            subject=str(claims["sub"]),
            name=str(claims.get("name") or username),
            username=username,
            account_number=str(claims.get("pacer_account_number", "")),
            account_type=str(claims.get("pacer_account_type", "")),
            may_search=claims.get("pacer_search_status") == "active",
            client_code=claims.get("pacer_client_code"),
            status=str(claims.get("ecf_status", "")),
            login=claims.get("ecf_login"),
            roles=tuple(claims.get("ecf_roles", ())),
            admission=claims.get("ecf_admission"),
            permissions=frozenset(claims.get("ecf_permissions", ())),
            cases=None if cases is None else tuple(cases),
            acting_for=str(principal.get("name", "")),
            acting_roles=tuple(principal.get("ecf_roles", ())),
            may_act_for=tuple(one["name"] for one in claims.get("ecf_may_act_for", ())),
            redaction_due=bool(claims.get("ecf_redaction_due")),
        )

    @property
    def may_file(self) -> bool:
        """Whether any filing menu opens."""
        return self.status == "active" and bool(self.permissions)

    @property
    def filing_roles(self) -> tuple[str, ...]:
        """The roles by which the menus open: the principal's for whoever files for one."""
        return self.acting_roles or self.roles

    @property
    def role_labels(self) -> list[str]:
        """The roles' names for people."""
        return labels(self.roles)

    def may_file_in(self, case: str) -> bool:
        """Whether a case is within the limits."""
        return self.cases is None or case in self.cases


def changes(before: Rights, now: Rights) -> list[str]:
    """What changed since the last page, in sentences; empty when nothing did."""
    return list(_changes(before, now))


def _changes(before: Rights, now: Rights) -> Iterator[str]:
    if now.acting_for != before.acting_for:
        yield (
            f"You file for {now.acting_for} now." if now.acting_for else "You file for nobody now."
        )
    if now.may_file and not before.may_file:
        roles = ", ".join(now.role_labels)
        login = f"Login {now.login}, role" if now.login else "Role"
        yield f"You can file here now. {login}: {roles}."
    elif before.may_file and not now.may_file:
        yield "You cannot file here any more."
    elif before.roles != now.roles:
        yield f"Your role here is now: {', '.join(now.role_labels) or 'none'}."
    if before.may_file and now.may_file and before.cases != now.cases:
        yield f"You may now file in: {', '.join(now.cases or ['all cases'])}."
    if before.may_search != now.may_search:
        yield "You can search now." if now.may_search else "You cannot search any more."
