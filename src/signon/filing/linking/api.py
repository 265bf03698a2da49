"""`/api/v1/courts/{court}/legacy-logins/{id}/mail-proof`: for a caller who lost the password."""

from starlette.responses import Response

from signon.filing.court.at_court import AT, at, court_router
from signon.filing.legacy_logins.api import LoginId
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.linking import proof_mails
from signon.rest import DONE, Answer, Call
from signon.rest.declared import refusals
from signon.rest.parameters import CourtId

operations = court_router()


@operations.post(
    f"{AT}/legacy-logins/{{id}}/mail-proof",
    status_code=204,
    summary="Mail a link that proves the login to the address on file",
    responses=refusals("own_account", "login_taken", "login_disabled", "login_locked"),
)
async def mail_login_proof(
    call: Call,
    court: CourtId,
    id: LoginId,  # noqa: A002  # the path's name
) -> Response:
    """It goes to the login's owner; nobody else sees the link."""
    return await at(call, court).do(proof_mails.SEND, _sent, id)


def _sent(_login: LegacyLogin) -> Answer:
    return DONE
