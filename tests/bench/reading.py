"""Reading what only we have: the REST interface with a court's own token, and a person's pages."""

from collections.abc import Mapping
from typing import Any

import httpx2

from tests.bench import bench as harness
from tests.bench import provider
from tests.infra.browser import Browser

SIDE_BY_SIDE = 4
"""Connections that ask."""
CALLS: Mapping[str, str] = {
    "policy": "policy",
    "filer": "filers/{number}",
    "filers": "filers?limit=50",
    "search": "filers?q=att",
    "activity": "activity?limit=20",
}
"""What is read of the court, by the measure's name."""

Head = dict[str, str]


def cost(peer: Any, name: str, seconds: int) -> dict[str, Any]:
    """What one read costs. Raises HTTPStatusError when it is refused."""
    with httpx2.Client(base_url=peer.cfg["base"]) as http:
        path, head = request_of(http, peer.cfg, name)
        http.get(path, headers=head).raise_for_status()
    requests = [harness.raw(peer.cfg, "GET", path, head)]
    harness.replay(peer, requests, SIDE_BY_SIDE, 1)  # warm
    found: dict[str, Any] = harness.replay(peer, requests, SIDE_BY_SIDE, seconds)
    return found


def request_of(http: httpx2.Client, config: Any, name: str) -> tuple[str, Head]:
    """The address that a measure reads, and the headers that open it."""
    return _call(http, config, CALLS[name]) if name in CALLS else _page(http, config)


def _call(http: httpx2.Client, config: Any, path: str) -> tuple[str, Head]:
    """An operation of the court, and a token that opens it."""
    _, client, form = harness.cc_requests(config)["cc"]
    granted = http.post(
        config["token"], data=form, headers={"Authorization": harness.basic(client)}
    ).raise_for_status()
    head = {"Authorization": f"Bearer {granted.json()['access_token']}"}
    court = f"/api/v1/courts/{provider.COURT}/"
    filers = http.get(f"{court}filers?limit=1", headers=head).raise_for_status().json()
    return court + path.format(number=filers["filers"][0]["account_number"]), head


def _page(http: httpx2.Client, config: Any) -> tuple[str, Head]:
    """The account's first page, and the cookies of a filer who has just signed in."""
    browser = Browser(http)
    browser.get("/login")
    browser.sign_in(**config["login"]["fields"])
    cookies = "; ".join(f"{one.name}={one.value}" for one in http.cookies.jar)
    return "/account", {"Cookie": cookies}
