"""The pages of registering."""

from signon.registration.pages.confirm import ConfirmPages
from signon.registration.pages.steps import RegisterPages
from signon.signin.wiring import Wiring
from signon.web.application import Part


def registration_pages(wiring: Wiring) -> list[Part]:
    """Every one of them."""
    return [ConfirmPages(wiring), RegisterPages(wiring)]


__all__ = ["registration_pages"]
