"""`/help`, `/privacy`, `/accessibility`: the same for everybody, without a question to the database."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.config import PREFIX
from signon.errors import SettingsError
from signon.web.site import Site
from signon.words.sentences import _


class HelpPages:
    """What this service is, whom to call, and what its operators promise.

    The texts are read when the server starts. Raises SettingsError: one of them cannot be read.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        settings = site.settings
        self._privacy = _paragraphs("privacy_page", settings.privacy_page)
        self._accessibility = _paragraphs("accessibility_page", settings.accessibility_page)

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/help", self.show, methods=["GET"]),
            Route("/privacy", self.privacy, methods=["GET"]),
            Route("/accessibility", self.accessibility, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/help`: the same for everybody."""
        return self._site.page(self._site.visit(request), "help.html")

    async def privacy(self, request: Request) -> Response:
        """GET `/privacy`: what is kept, and who learns what."""
        visit = self._site.visit(request)
        return self._site.page(
            visit,
            "promise.html",
            heading=_("Privacy"),
            lead=_("What we keep about you, and who learns what."),
            ours="privacy_text.html",
            paragraphs=self._privacy,
        )

    async def accessibility(self, request: Request) -> Response:
        """GET `/accessibility`: what the pages are made to meet, and what to do where they do not."""
        visit = self._site.visit(request)
        return self._site.page(
            visit,
            "promise.html",
            heading=_("Accessibility"),
            lead=_("What these pages are made to meet, and what to do where they do not."),
            ours="accessibility_text.html",
            paragraphs=self._accessibility,
        )


def _paragraphs(name: str, path: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{PREFIX}{name.upper()} cannot be read: {path}.") from error
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
