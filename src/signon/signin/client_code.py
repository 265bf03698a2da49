"""The client code as a demand: whoever's rule the code of the sign-in does not fit is asked."""

from collections.abc import Callable
from datetime import datetime

from signon.accounts import client_codes
from signon.accounts.client_codes import ClientCodeRule, RuleOf
from signon.accounts.directory import Account
from signon.db import Unit
from signon.errors import InputError
from signon.signin import session as sessions
from signon.signin.demands import Asks, Known, Place
from signon.signin.session import Session
from signon.tokens import grants
from signon.words.sentences import _

NAME = "client_code"
PATH = "/login/client-code"
RuleIn = Callable[[Known, Account], ClientCodeRule]
"""The rule that holds for an account, from what was asked for the demand."""


class ClientCode:
    """The demand. A code that fits, typed on the sign-in page already, meets it."""

    name = NAME
    path = PATH

    def __init__(self, rule_of: RuleOf, asks: Asks, rule_in: RuleIn) -> None:
        self.rule_of = rule_of
        self.asks = asks
        self._rule_in = rule_in

    def is_due(self, now: datetime, session: Session, place: Place, known: Known) -> bool:
        """Everywhere, and again in the same session only when the rule was changed meanwhile."""
        return not self._rule_in(known, session.account).fits(session.client_code)

    def give(self, unit: Unit, session: Session, text: str) -> None:
        """Take the code for this session, and for what courts were told of it.

        Raises InputError when it does not fit, SignInFirstError when the session has ended.
        """
        code = client_codes.checked(text)
        rule = self.rule_of(unit, session.account)
        if not rule.fits(code):
            raise InputError(_unfit(rule), field="client_code")
        sessions.bill_under(unit, session, code)
        grants.bill_under(unit, session.id, code)


def _unfit(rule: ClientCodeRule) -> str:
    if not rule.pattern:
        return _("Enter a client code.")
    if rule.is_required:
        words = _("Enter a client code like {example}.")
    else:
        words = _("Enter a client code like {example}, or none.")
    return _(words, example=client_codes.example(rule.pattern))
