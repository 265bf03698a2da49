"""`/`: the signed-in home, and the front page for everybody else."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.courts.registry import CourtRegistry
from signon.profile.home import home
from signon.profile.pages.holder import Holder
from signon.profile.pages.home_words import in_words


class HomePages:
    """Where every sign-in ends that nobody sent here."""

    def __init__(self, holder: Holder, courts: CourtRegistry) -> None:
        self._holder = holder
        self._site = holder.site
        self._courts = courts

    def routes(self) -> list[Route]:
        """`/`."""
        return [Route("/", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """What to do next, one's courts, security at a glance; a welcome to strangers."""
        visit = self._site.visit(request)
        session = await self._holder.session(visit)
        if session is None:
            return self._site.page(visit, "welcome.html")
        courts = await self._courts.all()
        found = await self._holder.database.read(home, session, courts, self._holder.settings)
        return self._site.page(
            visit, "home.html", account=session.account, **in_words(found, session, courts)
        )
