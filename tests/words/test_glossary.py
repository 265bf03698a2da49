"""What nobody reads any more: words that the glossary gave up (docs/words.md), in any message."""

import re

import pytest
from babel.messages.pofile import read_po

from signon.words import catalogue
from signon.words.language import SPANISH

GIVEN_UP = (
    "stays? for good",
    "[Ll]ook in(to)? (your|the) (mail|folder)",
    "unwanted mail",
    "wrong guesses",
    r"\d{3,} seconds",
    r"\b[Tt]ick\b",
    r"\banew\b",
    "[Pp]resent (username|password|address)(?!: agree)",
    "address before\b(?! second)",
    "[Ss]earching goes on",
    "[Ss]hall ",
    "neighbour|colour|centre|cancelled|recognis|organis|favour|behaviour",
)
MENDED = {
    "There were too many requests from your network.": "Very much was asked for",
    "Start over": "Begin anew",
    "Current password": "Present password",
    "Check your mail, or wait and try again.": "Look in your mailbox",
    "You can still search.": "Searching goes on",
    "The new name is saved.": "It has its new name.",
    "You have no invitations at present": "No firm asks you anything",
    "Somebody told us that you have lost them all. They will be removed on {moment}. A sign-in with "
    "one of them stops it.": "They go on",
}
"""Sentences, and how they began before."""


@pytest.fixture(scope="module")
def messages() -> list[str]:
    """Every English message that has a translation."""
    with catalogue.path(SPANISH).open("rb") as file:
        found = [message.id for message in read_po(file) if message.id]
    return [text for one in found for text in ([one] if isinstance(one, str) else one)]


@pytest.mark.parametrize("pattern", GIVEN_UP)
def test_no_message_says_it(messages: list[str], pattern: str):
    assert [one for one in messages if re.search(pattern, one)] == []


@pytest.mark.parametrize(("now", "before"), MENDED.items())
def test_it_is_said_otherwise(messages: list[str], now: str, before: str):
    assert now in messages
    assert [one for one in messages if before in one] == []
