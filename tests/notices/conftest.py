"""A mail server, and settings that name it."""

from collections.abc import Callable, Iterator

import pytest

from signon.config import Settings
from tests.notices import mail_server
from tests.notices.mail_server import MailServer

Mailing = Callable[[str], Settings]


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server that listens and takes everything."""
    with mail_server.running(MailServer()) as server:
        yield server


@pytest.fixture
def mailing(settings: Settings) -> Mailing:
    """The test's settings with another `SIGNON_SMTP_URL`."""

    def with_url(url: str) -> Settings:
        values = settings.model_dump() | {"smtp_url": url}
        return Settings(_env_file=None, **values)

    return with_url
