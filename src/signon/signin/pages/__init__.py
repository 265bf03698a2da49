"""The pages of signing in and out."""

from signon.signin.pages.passkey import PasskeyPages
from signon.signin.pages.second_step import SecondStepPages
from signon.signin.pages.sign_in import SignInPages
from signon.signin.pages.sign_out import SignOutPages

__all__ = ["PasskeyPages", "SecondStepPages", "SignInPages", "SignOutPages"]
