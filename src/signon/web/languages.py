"""In which language a page is: the one chosen by its link, by an earlier link (a cookie), wished by
the client that sent the person here (`ui_locales`, kept with the journey), or the browser's.
"""

import re
from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request

from signon.web.visitor import own_address
from signon.words import language
from signon.words.language import ENGLISH, LANGUAGES, Language

PARAMETER = "lang"
_PLAIN = re.compile(r"(?:before|done|half|journey|q|status|switch|token|type)=[\w+-]*")
_HEARD = "signon.language"
"""Where a request's scope notes that it was listened to: what a journey wished for stays."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A link that shows the same page in another language."""

    language: Language
    href: str


def hear(request: Request, cookie: str) -> None:
    """Answer this request in the language of whoever asks; `cookie` is the name of ours."""
    if request.scope.get(_HEARD):
        return
    request.scope[_HEARD] = True
    linked = language.tagged(request.query_params.get(PARAMETER))
    chosen = linked or language.tagged(request.cookies.get(cookie))
    accepted = language.accepted(request.headers.get("accept-language", ""))
    language.speak(
        chosen or accepted or ENGLISH, is_chosen=chosen is not None, is_new=linked is not None
    )


def switches(request: HTTPConnection) -> list[Switch]:
    """Links to the page of this address in each other language.

    Of its query they hold what says which page it is, in plain words only: no page repeats an
    address that a stranger has put there.
    """
    path, _, asked = own_address(request).partition("?")
    kept = [part for part in asked.split("&") if _PLAIN.fullmatch(part)]
    return [
        Switch(other, f"{path}?{'&'.join([*kept, f'{PARAMETER}={other.tag}'])}")
        for other in LANGUAGES
        if other is not language.current()
    ]
