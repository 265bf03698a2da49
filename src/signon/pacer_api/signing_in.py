"""What begins when password and second factor are right, and what the program is told."""

from dataclasses import dataclass

from signon.accounts import client_codes, search
from signon.accounts.client_codes import RuleOf
from signon.accounts.directory import Account
from signon.config import Settings
from signon.db import Unit
from signon.errors import InputError
from signon.filing.rights import redaction, second_factor
from signon.filing.rights.second_factor import SecondFactor
from signon.pacer_api import texts
from signon.signin import cso_sessions
from signon.signin.cso_sessions import Assurance
from signon.signin.session import AAL2
from signon.web.visitor import Source


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's three members; `token` is empty unless a session began."""

    result: str
    text: str = ""
    token: str = ""


REFUSED = Answer(texts.REFUSED, texts.INVALID)
"""To a wrong name, password or code, a missing code, a wait: to whatever let nobody in."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a program sends beside its proof; `confirms` the redaction rules."""

    client_code: str
    confirms: bool
    source: Source


class Beginning:
    """The rule of what begins."""

    def __init__(self, settings: Settings, rule_of: RuleOf, factor: SecondFactor) -> None:
        self._settings = settings
        self._rule_of = rule_of
        self._factor = factor

    def begin(self, unit: Unit, account: Account, assurance: Assurance, wish: Wish) -> Answer:
        """Begin a session; a filer who does not confirm the redaction rules gets none."""
        met = {}
        if second_factor.is_filer(unit, account.id):
            if not wish.confirms:
                return Answer(texts.REDACTION, texts.REDACT)
            redaction.record(unit, account, source=wish.source)
            met = {redaction.NAME: redaction.VERSION}
        code, fits = self._code(unit, account, wish.client_code)
        token = cso_sessions.begin(
            unit,
            account,
            assurance,
            client_code=code,
            searches=fits,
            files=self._files(unit, account, assurance),
            met=met,
            settings=self._settings,
            source=wish.source,
        )
        if not search.is_active(unit, account.id):
            return Answer(texts.SUCCESS, texts.SEARCH_DISABLED, token)
        return Answer(texts.SUCCESS, "" if fits else texts.CLIENT_CODE, token)

    def _code(self, unit: Unit, account: Account, text: str) -> tuple[str | None, bool]:
        """The client code, if it is one that the account's rule takes; one that fits no rule is
        as none, but then nobody searches without knowing.
        """
        try:
            code = client_codes.checked(text)
        except InputError:
            return None, False
        fits = self._rule_of(unit, account).fits(code)
        return (code if fits else None), fits

    def _files(self, unit: Unit, account: Account, assurance: Assurance) -> bool:
        """Whether courts may take it: whoever must have a second factor has to show one."""
        if self._settings.cso_api != "on":
            return False
        return assurance.acr == AAL2 or not self._factor.must_have(unit, account)
