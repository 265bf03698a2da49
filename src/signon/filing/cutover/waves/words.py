"""The court's own words in a reminder: plain text, and no address but those it has registered."""

from signon.accounts import plain_words
from signon.courts.registry import Court
from signon.errors import InputError

LONGEST = 1000
"""Characters of each of the two places."""
MOST_LINES = 12
_AROUND = "().,;:!?\"'“”’"


def tidy(text: str, court: Court, *, issuer: str, field: str) -> str:
    """The text by lines. Raises InputError for what no reminder may hold."""
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    made = "\n".join(lines)
    if wrong := problem(made, court, issuer=issuer):
        raise InputError(f"The {field} {wrong}.", field=field)
    return made


def problem(text: str, court: Court, *, issuer: str) -> str | None:
    """What is wrong with it, as the end of a sentence; None when it may be sent."""
    if len(text) > LONGEST or text.count("\n") >= MOST_LINES:
        return f"may have {LONGEST} characters in {MOST_LINES} lines"
    known = registered(court, issuer)
    others = [
        " ".join("" if word.strip(_AROUND).rstrip("/") in known else word for word in line.split())
        for line in text.splitlines()
    ]
    wrong = [found for line in others if (found := plain_words.problem(line))]
    if plain_words.MARKS in wrong:
        return str(plain_words.MARKS)
    if wrong:
        named = ", ".join(sorted(known))
        return (
            f"holds an address that your court has not registered; these may stand in it: {named}"
        )
    return None


def registered(court: Court, issuer: str) -> set[str]:
    """The addresses that a court has on the public list, and its page there."""
    policy = court.policy
    own = (
        *(court.cmecf_url, policy.training_url, policy.epoc_url, policy.reset_url),
        *(policy.help_email, f"{issuer}/courts/{court.id}"),
    )
    return {one.rstrip("/") for one in own if one}
