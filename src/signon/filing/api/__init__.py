"""The REST scope `court`, `/api/v1/courts/{court}/…`: a line here for each part."""

from signon.filing.api.activity import ActivityApi
from signon.filing.api.certifications import CertificationsApi
from signon.filing.api.court import CourtRest
from signon.filing.api.filers import FilersApi
from signon.filing.api.legacy_logins import LegacyLoginsApi
from signon.filing.api.own_registrations import OwnRegistrationsApi
from signon.filing.api.policy import PolicyApi
from signon.filing.api.registrations import RegistrationsApi
from signon.filing.api.requests import RequestsApi
from signon.filing.api.staff import StaffApi
from signon.tokens.api import Rest
from signon.web.application import Part


def court_api(rest: Rest) -> list[Part]:
    """Every part of it."""
    court = CourtRest(rest)
    return [
        RegistrationsApi(court),
        FilersApi(court),
        CertificationsApi(court),
        LegacyLoginsApi(court),
        StaffApi(court),
        PolicyApi(court),
        RequestsApi(court),
        ActivityApi(court),
        OwnRegistrationsApi(rest),
    ]


__all__ = ["court_api"]
