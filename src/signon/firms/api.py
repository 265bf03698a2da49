"""The firms' part of `/api/v1`: scopes `firm:…` and `admin`, and a member's own side."""

from signon.firms import client_calls, invitation_calls, member_calls, own_calls, setting_calls

FIRM_OPERATIONS = (
    *(member_calls.reading, member_calls.changing),
    *(invitation_calls.reading, invitation_calls.changing),
    *(setting_calls.reading, setting_calls.changing),
    *(client_calls.reading, client_calls.changing),
    own_calls.operations,
)
"""Every operation on firms."""
