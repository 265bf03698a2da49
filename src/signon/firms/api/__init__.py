"""The firms' part of `/api/v1`: scopes `firm:…` and `admin`, and a member's own side."""

from signon.firms.api import clients, invitations, members, own, settings

FIRM_OPERATIONS = (
    *(members.reading, members.changing),
    *(invitations.reading, invitations.changing),
    *(settings.reading, settings.changing),
    *(clients.reading, clients.changing),
    own.operations,
)
"""Every operation on firms."""
