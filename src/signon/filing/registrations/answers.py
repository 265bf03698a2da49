"""What each step of a registration asks, by type and role, and what may be answered.

The fields are data: the pages show them, the rules check them, the court and programs read the
answers by the same names (domain facts 6).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from signon.accounts import checks, plain_words
from signon.courts.registry import Court, CourtType
from signon.errors import InputError
from signon.filing import cases
from signon.filing.cases import EXAMPLES
from signon.filing.court.court_policy import asked_by, offered_types
from signon.filing.registration_types import REGISTRATION_TYPES, RegistrationType
from signon.filing.roles import ROLES, CaseLimit, Form, Role
from signon.words.sentences import _

LONGEST = 200
LONGEST_TEXT = 2000
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")


class Page(StrEnum):
    """The form's steps, in their order."""

    WHAT = "what"
    DETAILS = "details"
    DELIVERY = "delivery"
    DOCUMENTS = "documents"
    CHECK = "check"


LABELS: Mapping[Page, str] = {
    Page.WHAT: _("What for"),
    Page.DETAILS: _("About you"),
    Page.DELIVERY: _("Notices"),
    Page.DOCUMENTS: _("Documents"),
    Page.CHECK: _("Check and send"),
}


class Look(StrEnum):
    """How a field is drawn."""

    LINE = "line"
    AREA = "area"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `options` are those of a choice, value and label."""

    name: str
    label: str
    hint: str = ""
    is_required: bool = True
    look: Look = Look.LINE
    options: Sequence[tuple[str, str]] = ()
    autocomplete: str = "off"


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What somebody registers for."""

    type: RegistrationType
    role: Role

    @property
    def case_limit(self) -> CaseLimit:
        """Whether case numbers are asked for, and must be given."""
        by_type = REGISTRATION_TYPES[self.type].cases
        if self.role is Role.ATTORNEY:
            return by_type
        return ROLES[self.role].cases

    @property
    def label(self) -> str:
        """What it is called where people read it."""
        if self.type is RegistrationType.NON_ATTORNEY:
            return ROLES[self.role].label
        return REGISTRATION_TYPES[self.type].label


Answers = Mapping[str, Any]
Checked = tuple[dict[str, Any], list[InputError]]


def choices(court: Court) -> dict[str, AskedFor]:
    """Everything that can be registered for at a court, by the value that a form sends."""
    found: dict[str, AskedFor] = {}
    for kind in offered_types(court):
        form = REGISTRATION_TYPES[kind].form
        for role in asked_by(court, form):
            name = f"{kind}.{role}" if form is Form.NON_ATTORNEY else kind.value
            found[name] = AskedFor(kind, role)
    return found


def fields(page: Page, asked: AskedFor, court: CourtType) -> tuple[Field, ...]:
    """What a step asks; nothing on those without fields of this kind."""
    if page is Page.DETAILS:
        return tuple(_details(asked, court))
    return _DELIVERY if page is Page.DELIVERY else ()


def checked(page: Page, asked: AskedFor, court: CourtType, typed: Mapping[str, str]) -> Checked:
    """The tidy values of a step and every problem at once."""
    values: dict[str, Any] = {}
    wrong: list[InputError] = []
    for one in fields(page, asked, court):
        try:
            values[one.name] = _value(one, _tidy(one, typed.get(one.name, "")), court)
        except InputError as error:
            wrong.append(error)
    return values, wrong


def missing(asked: AskedFor, court: CourtType, answers: Answers) -> Page | None:
    """The first step whose answers do not hold (the court's policy may have changed)."""
    for page in (Page.DETAILS, Page.DELIVERY):
        typed = {name: _text(answers.get(name)) for name in answers}
        if checked(page, asked, court, typed)[1]:
            return page
    return None


def shown(asked: AskedFor, court: CourtType, answers: Answers) -> list[tuple[str, str | list[str]]]:
    """Questions and answers for people, in the form's order."""
    rows: list[tuple[str, str | list[str]]] = [(_("Registers as"), asked.label)]
    for page in (Page.DETAILS, Page.DELIVERY):
        for one in fields(page, asked, court):
            value = answers.get(one.name)
            labels = dict(one.options)
            if isinstance(value, list):
                rows.append((one.label, [str(each) for each in value]))
            elif isinstance(value, str):
                text = labels.get(value, value)
                rows.append((one.label, text.split("\n") if "\n" in text else text))
    return rows


def _tidy(one: Field, text: str) -> str:
    if one.look is Look.AREA:
        return text.strip().replace("\r\n", "\n")
    return " ".join(text.split(" ")).strip()


def _value(one: Field, text: str, court: CourtType) -> Any:
    longest = LONGEST_TEXT if one.look is Look.AREA else LONGEST
    if one.is_required and not text:
        lacking = _LACKING.get(one.name, _("Fill in: {label}."))
        raise InputError(_(lacking, label=one.label), field=one.name)
    if len(text) > longest or _CONTROL.search(text):
        raise InputError(
            _(
                "{label}: plain text of at most {longest} characters.",
                label=one.label,
                longest=longest,
            ),
            field=one.name,
        )
    if one.options and text and text not in dict(one.options):
        raise InputError(_("Choose from the list: {label}.", label=one.label), field=one.name)
    if one.name == "notice_email" and text:
        checks.email(text, field=one.name)
    if one.name == "cases":
        return _cases(one, text, court)
    if one.name == "notice_email" or one.options:
        return text
    if problem := plain_words.problem(text):
        raise InputError(
            _("{label}: this {problem}.", label=one.label, problem=problem), field=one.name
        )
    return text


def _cases(one: Field, text: str, court: CourtType) -> list[str]:
    given = cases.read(text)
    if problem := cases.problem_with(given, court):
        raise InputError(_("The {problem}", problem=problem), field=one.name)
    return list(given)


def _text(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value or "")


def _details(asked: AskedFor, court: CourtType) -> Iterable[Field]:
    if asked.role is Role.ATTORNEY:
        yield from _of_attorney(asked)
    elif asked.role in _FOR_WHOM:
        label, is_required = _FOR_WHOM[asked.role]
        yield Field("organization", label, is_required=is_required, autocomplete="organization")
    if asked.case_limit is not CaseLimit.NONE:
        yield Field(
            "cases",
            _("Case numbers"),
            _("One a line, as the court writes them, such as {example}", example=EXAMPLES[court]),
            asked.case_limit is CaseLimit.REQUIRED,
            Look.AREA,
        )
    yield Field(
        "statement",
        _("Anything else that the court should know"),
        is_required=False,
        look=Look.AREA,
    )


def _of_attorney(asked: AskedFor) -> Iterable[Field]:
    is_federal = asked.type is RegistrationType.FEDERAL_ATTORNEY
    if is_federal:
        yield Field(
            "agency", _("Agency or office"), _("For which you appear"), autocomplete="organization"
        )
    yield Field(
        "state_bars",
        _("State bars"),
        _("One a line: the state and your number there, such as CA 123456"),
        not is_federal,
        Look.AREA,
    )
    yield Field(
        "federal_bars",
        _("Other federal courts that have admitted you"),
        _("One a line"),
        is_required=False,
        look=Look.AREA,
    )
    if asked.type in _SPONSORED:
        is_required = asked.type is RegistrationType.ADMISSION
        hint = (
            _("A member of this court’s bar who vouches for you")
            if is_required
            else (_("A member of this court’s bar who appears with you, if the court asks for one"))
        )
        yield Field("sponsor_name", _("Sponsoring attorney"), hint, is_required)
        yield Field("sponsor_bar", _("The sponsor’s bar number"), is_required=is_required)


_SPONSORED = {RegistrationType.ADMISSION, RegistrationType.PRO_HAC_VICE}
_FOR_WHOM: Mapping[Role, tuple[str, bool]] = {
    Role.LIMITED_CREDITOR: (_("Creditor for whom you file"), True),
    Role.COURSE_PROVIDER: (_("Approved course provider"), True),
    Role.FILING_AGENT: (_("Firm or trustee’s office"), False),
    Role.COURT_REPORTER: (_("Transcription service"), False),
    Role.US_TRUSTEE: (_("Office"), True),
    Role.TRUSTEE: (_("Firm"), False),
    Role.AUDITOR: (_("Audit firm"), False),
    Role.INTERESTED_PARTY: (_("Party whom you represent"), False),
    Role.MEDIATOR: (_("Firm"), False),
}
_LACKING = {"cases": _("Enter at least one: {label}.")}
_DELIVERY = (
    Field("notice_email", _("E-mail address for notices"), _("Where notices of filings go"),
          autocomplete="email"),
    Field("notice_frequency", _("How often"), look=Look.CHOICE,
          options=(("each", _("At each filing")), ("daily", _("A summary once a day")))),
    Field("notice_format", _("Format"), look=Look.CHOICE,
          options=(("html", "HTML"), ("text", _("Plain text")))),
)  # fmt: skip
