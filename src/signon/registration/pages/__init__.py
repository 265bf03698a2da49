"""The pages of registering."""

from signon.registration.pages.confirm import ConfirmPages
from signon.registration.pages.steps import RegisterPages

__all__ = ["ConfirmPages", "RegisterPages"]
