"""What the linking pages share: where they are, and what stands in the way of all of them."""

from urllib.parse import urlencode

from starlette.responses import Response

from signon.courts.registry import Court
from signon.filing.linking import conditions
from signon.filing.linking.folding import SECOND
from signon.filing.linking.link_steps import SeenLink
from signon.web.site import Site


def path(court: Court, step: str = "", seen: SeenLink | None = None) -> str:
    """A linking page of this court, on the same journey."""
    query = f"?journey={seen.handle}" if seen and seen.handle else ""
    return f"/courts/{court.id}/link{step}{query}"


def stop(site: Site, seen: SeenLink) -> Response | None:
    """Sign in first, or not at all; None when nothing stands in the way."""
    asks_password = seen.refusal is not None and seen.refusal.reason == conditions.SIGN_IN_AGAIN
    if seen.refusal and not asks_password:
        return site.page(
            seen.visit,
            "link_refused.html",
            status=403,
            account=seen.session and seen.session.account,
            court=seen.court,
            reason=seen.refusal.sentence,
            next_step=seen.refusal.next_step,
            upgrade_url=_to_upgrade(seen),
            second_url=_to_second(seen),
            return_url=seen.return_url,
        )
    if seen.journey is None:
        return site.go(path(seen.court))
    if seen.session is None or asks_password:
        return site.go("/login?" + urlencode({"journey": seen.handle}))
    return None


def expired(site: Site, seen: SeenLink) -> Response:
    """The page was open for too long."""
    return site.page(
        seen.visit,
        "expired.html",
        status=400,
        account=seen.session and seen.session.account,
        restart_url=path(seen.court, "", seen),
        restart_label=None,
    )


def _to_upgrade(seen: SeenLink) -> str | None:
    """The upgrade comes back to this journey."""
    if seen.refusal is None or seen.refusal.reason != conditions.NOT_UPGRADED:
        return None
    return "/upgrade?" + urlencode({"journey": seen.handle}) if seen.handle else "/upgrade"


def _to_second(seen: SeenLink) -> str | None:
    """Whoever has a login in force may have another one."""
    is_told = seen.refusal is not None and seen.refusal.reason == conditions.ALREADY_LINKED
    if not is_told or seen.is_second:
        return None
    return path(seen.court) + "?" + urlencode({SECOND: "1"})
