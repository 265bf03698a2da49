"""The pages of signing in and out."""

from signon.signin.pages.sign_in import SignInPages
from signon.signin.pages.sign_out import SignOutPages

__all__ = ["SignInPages", "SignOutPages"]
