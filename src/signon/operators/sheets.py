"""The page of each act on an account: its question, what will happen, and the words of its form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signon.accounts.models import AccountStatus
from signon.operators import acts

Effect = tuple[str, str, str]
"""An icon, a heading and a sentence, as `ui.effects` takes them."""
TOLD = ("mail", "The holder is told", "By mail, to the account’s address.")
UNTOLD = ("mail", "Nobody is mailed", "Tell the holder on the telephone.")
NOTED = ("clock", "It is written down", "In the account’s history, with your name.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`question` is the page's title, `link` what leads to it, `button` what does it.

    `keep` leads back; `label` and `hint` are of the field, where there is one.
    """

    question: str
    link: str
    button: str
    effects: tuple[Effect, ...]
    keep: str = "Change nothing"
    takes_away: bool = False
    label: str = ""
    hint: str = ""


CLEARING = Sheet(
    "Clear the wrong passwords?",
    "Clear the wrong passwords",
    "Clear the wrong passwords",
    (
        (
            "check",
            "At once",
            "Whoever had to wait can try again, and the password counts everywhere.",
        ),
        ("warning", "Be sure whom you talk to", "A guesser can try again, too."),
        NOTED,
    ),
)
"""What enabling is to an account that is not disabled."""
REASON = "Up to 300 characters. It stays in the account’s history."
SHEETS: Mapping[str, Sheet] = {
    acts.RELEASE.name: Sheet(
        "End the review hold?",
        "End the review hold",
        "End the review hold",
        (("check", "At once", "The account can be signed in to."), TOLD, NOTED),
        keep="Leave it on hold",
    ),
    acts.THAW.name: Sheet(
        "Let the account be changed again?",
        "Let it be changed again",
        "Let it be changed again",
        (
            ("check", "At once", "Its holder can change it and file again."),
            ("warning", "Be sure whom you talk to", "Whoever holds the account now can change it."),
            UNTOLD,
        ),
        keep="Leave changes stopped",
    ),
    acts.RECOVER.name: Sheet(
        "Mail a link to choose a password?",
        "Mail a password link",
        "Mail a password link",
        (
            ("mail", "A link is mailed", "To the account’s address. It works once."),
            ("key", "Until it is used", "The present password goes on working."),
            NOTED,
        ),
        keep="Send nothing",
    ),
    acts.SIGN_OUT.name: Sheet(
        "End all sessions?",
        "End all sessions",
        "End all sessions",
        (
            ("stop", "At once", "It is signed out everywhere, of every court and application."),
            ("check", "Nothing else is lost", "The holder can sign in again right away."),
            UNTOLD,
        ),
        keep="Keep the sessions",
        takes_away=True,
    ),
    acts.ENABLE.name: Sheet(
        "Enable the account?",
        "Enable the account",
        "Enable the account",
        (
            ("check", "At once", "It can sign in. Earlier wrong passwords do not count any more."),
            ("stop", "What has ended stays ended", "Sessions do not come back."),
            NOTED,
        ),
        keep="Leave it disabled",
    ),
    acts.TAKE_BACK.name: Sheet(
        "Take the account back for its holder?",
        "Take the account back",
        "Take the account back",
        (
            ("unlink", "At once", "That change and everything since is undone, the password too."),
            ("mail", "A link is mailed", "To the address from before, to choose a password."),
            NOTED,
        ),
        keep="Leave everything as it is",
        takes_away=True,
        label="The first change that its holder did not make",
    ),
    acts.KEEP_FACTORS.name: Sheet(
        "Keep the second factors?",
        "Keep the second factors",
        "Keep the second factors",
        (("shield", "At once", "Their removal is called off."), TOLD, NOTED),
        keep="Let them be removed",
    ),
    acts.SEARCH_ON.name: Sheet(
        "Make case search active?",
        "Make case search active",
        "Make case search active",
        (
            ("search", "At once", "The holder can search cases, and is billed for it."),
            UNTOLD,
            NOTED,
        ),
    ),
    acts.SEARCH_OFF.name: Sheet(
        "Make case search inactive?",
        "Make case search inactive",
        "Make case search inactive",
        (
            ("stop", "At once", "The holder cannot search cases."),
            ("check", "Filing goes on", "Signing in and filing rights stay as they are."),
            UNTOLD,
        ),
        keep="Keep search active",
        takes_away=True,
        label="Why search becomes inactive",
        hint=REASON,
    ),
    acts.RESET_FACTORS.name: Sheet(
        "Remove all second factors?",
        "Remove the second factors",
        "Remove the second factors",
        (
            ("clock", "Not at once", "They go when the delay is over."),
            ("mail", "The holder is told", "By mail, to every address that may stop it."),
            ("stop", "Then", "The account is signed out everywhere and needs new factors."),
        ),
        keep="Keep the second factors",
        takes_away=True,
        label="How you know that its holder has lost them all",
        hint=REASON,
    ),
    acts.DISABLE.name: Sheet(
        "Disable the account?",
        "Disable the account",
        "Disable the account",
        (
            (
                "stop",
                "At once",
                "It is signed out everywhere and nobody can sign in or file with it.",
            ),
            UNTOLD,
            ("clock", "You can undo it", "Any day. What it was signed in to stays ended."),
        ),
        keep="Leave it open",
        takes_away=True,
        label="Why the account is disabled",
        hint=REASON,
    ),
}
"""In the order in which an account's page offers them: what helps first, what takes away last."""


def of(name: str, facts: Mapping[str, Any]) -> Sheet:
    """The page of an act on the account with these facts. Raises KeyError."""
    is_clearing = name == acts.ENABLE.name and facts["status"] != AccountStatus.DISABLED
    return CLEARING if is_clearing else SHEETS[name]
