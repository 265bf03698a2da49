"""The pages of signing in and out."""

from signon.signin.pages.lost_factors import LostFactorPages
from signon.signin.pages.passkey import PasskeyPages
from signon.signin.pages.second_step import SecondStepPages
from signon.signin.pages.sign_in import SignInPages
from signon.signin.pages.sign_out import SignOutPages
from signon.signin.wiring import Wiring
from signon.web.application import Part


def sign_in_pages(wiring: Wiring) -> list[Part]:
    """Every one of them."""
    return [
        SignInPages(wiring),
        SecondStepPages(wiring),
        LostFactorPages(wiring),
        SignOutPages(wiring),
        PasskeyPages(wiring),
    ]


__all__ = ["sign_in_pages"]
