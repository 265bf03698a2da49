r"""Client codes: what a sign-in's searches are billed under, and what an account demands of them.

A pattern is a mask that people can read, not a regular expression:

    #    a digit                       ?    any one character
    A    a letter, small or capital    *    at the end: whatever follows, or nothing
    \    takes the next character as it is; every other character stands for itself

So ``####.A*`` takes ``4711.x`` and ``4711.Smith-v-Jones``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from signon.accounts.directory import Account
from signon.accounts.search import SEARCHING_KINDS
from signon.db import Unit
from signon.errors import InputError
from signon.words.sentences import _

LONGEST = 32
"""Characters of a code, and of a pattern (domain facts 3)."""
_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_REST = "*"
_AS_IT_IS = "\\"


@dataclass(frozen=True, slots=True)
class ClientCodeRule:
    """What an account demands of its client codes; a `pattern` of None takes every code.

    `set_by`: the firm that has set it for its members; None when it is the account's own.
    """

    is_required: bool = False
    pattern: str | None = None
    set_by: str | None = None

    def fits(self, code: str | None) -> bool:
        """Whether a sign-in may go on under this code; None when none was given."""
        if code is None:
            return not self.is_required
        return self.pattern is None or matches(self.pattern, code)

    @property
    def words(self) -> str:
        """The rule in a sentence, with a code that fits; empty when everything does."""
        if self.pattern is None:
            return _("A client code is required.") if self.is_required else ""
        if self.is_required:
            words = _("The client code must look like {example} (pattern {pattern}).")
        else:
            words = _(
                "A client code, if there is one, must look like {example} (pattern {pattern})."
            )
        return _(words, example=example(self.pattern), pattern=self.pattern)


NO_RULE = ClientCodeRule()
RuleOf = Callable[[Unit, Account], ClientCodeRule]
"""The rule that holds for an account. The application has one, for pages, programs and sign-in."""


def own_rule(account: Account) -> ClientCodeRule:
    """What the account's holder has set; accounts that never search have no rule."""
    if account.kind not in SEARCHING_KINDS:
        return NO_RULE
    return ClientCodeRule(account.client_code_required, account.client_code_pattern)


def checked(text: str) -> str | None:
    """The code, or None when none was given. Raises InputError (domain facts 3)."""
    return _line(text, _("client code"), "client_code")


def checked_pattern(text: str) -> str | None:
    """The pattern, or None when none was given. Raises InputError."""
    pattern = _line(text, _("pattern"), "client_code_pattern")
    if pattern is None:
        return None
    signs = _signs(pattern)
    if signs[-1] == (_AS_IT_IS, True):
        raise _bad_pattern(_("The backslash at the pattern’s end has nothing after it."))
    if (_REST, True) in signs[:-1]:
        raise _bad_pattern(_("In a pattern * may stand at the end only."))
    return pattern


def matches(pattern: str, code: str) -> bool:
    """Whether the code has the form of a checked pattern."""
    signs = _signs(pattern)
    if signs[-1] == (_REST, True):
        signs.pop()
        code = code[: len(signs)]
    return len(code) == len(signs) and all(
        _takes(*sign, character) for sign, character in zip(signs, code, strict=True)
    )


def example(pattern: str) -> str:
    """A code that fits, for people to see what is meant."""
    digits, letters = iter(_DIGITS[1:] * LONGEST), iter(_LETTERS * LONGEST)
    made = []
    for sign, is_special in _signs(pattern):
        if not is_special:
            made.append(sign)
        elif sign == "#":
            made.append(next(digits))
        elif sign in "A?":
            made.append(next(letters))
    return "".join(made) or "x"


def _signs(pattern: str) -> list[tuple[str, bool]]:
    """The pattern's characters, each with whether it means more than itself."""
    signs = []
    rest = iter(pattern)
    for sign in rest:
        following = next(rest, None) if sign == _AS_IT_IS else None
        if following is not None:
            signs.append((following, False))
        else:
            signs.append((sign, sign in f"#A?{_REST}{_AS_IT_IS}"))
    return signs


def _takes(sign: str, is_special: bool, character: str) -> bool:
    if not is_special:
        return sign == character
    return {"#": character in _DIGITS, "A": character in _LETTERS}.get(sign, True)


def _line(text: str, what: str, field: str) -> str | None:
    if len(text) > LONGEST:
        raise InputError(
            _("The {what} may have {longest} characters at most.", what=what, longest=LONGEST),
            field=field,
        )
    if not text.isprintable() or " " in text or "," in text:
        raise InputError(_("The {what} may not contain spaces or commas.", what=what), field=field)
    return text or None


def _bad_pattern(sentence: str) -> InputError:
    return InputError(sentence, field="client_code_pattern")
