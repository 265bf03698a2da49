"""`signon clients invite`: the token is printed once, and what it may bring is said first."""

import json

from tests.clients.conftest import Register
from tests.infra.command_line import CommandLine

INVITE = ("clients", "invite", "--host", "ecf.casb.test", "--court", "casb")


def test_an_invitation_is_printed_once(signon: CommandLine, register: Register):
    """With the address at which it is used."""
    made = json.loads(signon(*INVITE, "--profile", "fapi2", "--json").out)
    assert len(made["initial_access_token"]) == 43
    assert made["registration_endpoint"].endswith("/oauth2/register")
    assert "cannot be shown again" in signon(*INVITE).err + signon(*INVITE).out


def test_bounds_that_cannot_be_are_refused(signon: CommandLine, register: Register):
    """In one line, by the rules of clients."""
    for more, says in (
        (("--profile", "fapi3"), "is unknown"),
        (("--scope", "openid admin"), "bound to neither"),
        (("--host", "https://x"), "hosts"),
    ):
        done = signon(*INVITE, *more)
        assert done.status == 1
        assert says in done.err
        assert len(done.err.splitlines()) == 1
