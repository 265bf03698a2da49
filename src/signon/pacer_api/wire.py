"""The two formats: what is read of a request, and how an answer is written (domain facts 4.1).

The request's format is its `Content-Type`'s, the answer's its `Accept`'s; neither depends on the
other. Members that nobody knows are ignored, in any order. XML is read by expat, which is never let
see a document type, so there are no entities; it fetches nothing.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from signon.texts import is_keepable
from signon.web import negotiation

ROOT = "CsoAuth"
DEPTH = 8
"""Elements within each other; the real ones have two."""
PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'

Members = Mapping[str, str]


class MalformedError(Exception):
    """What was sent cannot be read; `sentence` says why, and repeats nothing of it."""

    def __init__(self, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


class Format(StrEnum):
    """A format, with the media type that answers carry."""

    JSON = "application/json"
    XML = "application/xml"


_SENT = {"application/json": Format.JSON, "application/xml": Format.XML, "text/xml": Format.XML}


def format_of(content_type: str) -> Format:
    """The format of a request. Raises MalformedError (415)."""
    found = _SENT.get(content_type.partition(";")[0].strip().lower())
    if found is None:
        raise MalformedError(
            "Send the request as application/json or application/xml, and say so in Content-Type.",
            status=415,
        )
    return found


def wanted(accept: str, otherwise: Format) -> Format:
    """The format of the answer; `otherwise` where the client names neither of the two."""
    ranges = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    if not ranges & set(_SENT):
        return otherwise
    found = negotiation.preferred(accept, tuple(_SENT))
    return _SENT[found] if found else otherwise


def read(body: bytes, sent: Format) -> Members:
    """The members of a request that are text, all others left out. Raises MalformedError."""
    found = _from_json(body) if sent is Format.JSON else _from_xml(body)
    if not all(map(is_keepable, found.values())):
        raise MalformedError("The request holds a NUL character, or half of one.")
    return found


def write(members: Members, to: Format) -> bytes:
    """An answer’s bytes, with its members in this order."""
    if to is Format.JSON:
        return json.dumps(members, separators=(",", ":")).encode()
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in members.items())
    return f"{PROLOG}<{ROOT}>{inner}</{ROOT}>".encode()


# ── JSON ─────────────────────────────────────────────────────────────────────


def _from_json(body: bytes) -> dict[str, str]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedError("The request is not valid JSON.") from None
    if not isinstance(found, dict):
        raise MalformedError('The request must be one object, as {"loginId": …}.')
    return {name: text for name, one in found.items() if (text := _text(one)) is not None}


def _text(one: Any) -> str | None:
    """Numbers are read as the texts that they stand for, as the real service does."""
    match one:
        case str():
            return one
        case bool():
            return str(one).lower()
        case int() | float():
            return json.dumps(one)
        case _:
            return None


# ── XML ──────────────────────────────────────────────────────────────────────


def _from_xml(body: bytes) -> dict[str, str]:
    reading = _Reading()
    # what the document says of its encoding is not believed: Python knows odd ones
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = reading.refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        raise MalformedError("The request is not valid XML.") from None
    return reading.members


class _Reading:
    """The elements right below the root, with their text."""

    def __init__(self) -> None:
        self.members: dict[str, str] = {}
        self._within: list[str] = []

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if not self._within and name != ROOT:
            raise MalformedError(f"The request must be one element <{ROOT}>.")
        if len(self._within) == DEPTH:
            raise MalformedError("The request's elements are nested too deeply.")
        self._within.append(name)
        if len(self._within) == 2:
            self.members[name] = ""

    def end(self, _name: str) -> None:
        self._within.pop()

    def text(self, text: str) -> None:
        if len(self._within) == 2:
            self.members[self._within[-1]] += text

    def refuse(self, *_declared: object) -> None:
        raise MalformedError("The request may not have a document type.")
