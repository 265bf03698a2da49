"""The REST scope `court`, `/api/v1/courts/{court}/…`: a line here for each part."""

from signon.filing.api import (
    activity,
    certifications,
    filers,
    legacy_logins,
    own_registrations,
    policy,
    registrations,
    requests,
    staff,
)

COURT_OPERATIONS = (
    registrations.operations,
    filers.operations,
    certifications.operations,
    legacy_logins.operations,
    staff.operations,
    policy.operations,
    requests.operations,
    activity.operations,
    own_registrations.operations,
)
"""Every part of it."""
