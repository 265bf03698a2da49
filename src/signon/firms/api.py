"""The firms' part of `/api/v1`: scopes `firm:…` and `admin`, and a member's own side."""

from starlette.routing import Route

from signon.firms.client_calls import ClientCalls
from signon.firms.invitation_calls import InvitationCalls
from signon.firms.member_calls import MemberCalls
from signon.firms.own_calls import OwnCalls
from signon.firms.setting_calls import SettingCalls
from signon.tokens.api import Rest


class FirmApi:
    """Every operation on firms."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._calls = (
            MemberCalls(),
            InvitationCalls(),
            SettingCalls(),
            ClientCalls(rest.settings),
            OwnCalls(),
        )

    def routes(self) -> list[Route]:
        """Where they are."""
        return self._rest.routes(
            [operation for calls in self._calls for operation in calls.operations()]
        )
