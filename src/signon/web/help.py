"""`/help`: what this service is, what to do when signing in fails, whom to call; for everybody."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.web.site import Site


class HelpPages:
    """One page; it asks the database nothing."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """`/help`."""
        return [Route("/help", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """GET `/help`: the same for everybody."""
        return self._site.page(self._site.visit(request), "help.html")
