"""An authenticator app in a test's hand, which never shows the same code twice."""

from time import sleep

import pyotp

from signon.clock import utc_now

STEP = 30
MARGIN = 10
"""Seconds in which a code that was read must still be accepted."""


class Authenticator:
    """Codes of one secret, each of a later step than the one before; it waits when it has to.

    The server takes the step before and after its own too, so three codes cost no waiting.
    """

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)
        self._last = 0

    def code(self) -> str:
        """The next code that the server will accept."""
        step = max(int(utc_now().timestamp() + MARGIN) // STEP - 1, self._last + 1)
        while step > int(utc_now().timestamp()) // STEP + 1:
            sleep(0.5)
        self._last = step
        return str(self._totp.generate_otp(step))


_OWN: dict[str, Authenticator] = {}


def app_of(secret: str) -> Authenticator:
    """The one app with that secret in this process."""
    return _OWN.setdefault(secret, Authenticator(secret))
