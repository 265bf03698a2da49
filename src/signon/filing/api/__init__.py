"""The REST scope `court`, `/api/v1/courts/{court}/…`: a line here for each part."""

from signon.filing.api.court import CourtRest
from signon.filing.api.own_registrations import OwnRegistrationsApi
from signon.filing.api.registrations import RegistrationsApi
from signon.filing.api.staff import StaffApi
from signon.tokens.api import Rest
from signon.web.application import Part


def court_api(rest: Rest) -> list[Part]:
    """Every part of it."""
    court = CourtRest(rest)
    return [RegistrationsApi(court), StaffApi(court), OwnRegistrationsApi(rest)]


__all__ = ["court_api"]
