"""Every feature's tables, so that the schema is known whole."""

from signon.accounts import models as accounts
from signon.audit import models as audit
from signon.clients import models as clients
from signon.courts import models as courts
from signon.db import metadata
from signon.filing import models as filing
from signon.jobs import models as jobs
from signon.journeys import models as journeys
from signon.limits import models as limits
from signon.oidc import models as oidc
from signon.outbox import models as outbox
from signon.signin import models as signin
from signon.tokens import models as tokens

FEATURES = (
    accounts, audit, clients, courts, filing, jobs, journeys, limits, oidc, outbox, signin, tokens
)  # fmt: skip
"""The modules that define tables; importing them has put the tables into `metadata`."""

SEALED = (
    accounts.accounts.c.password,
    filing.legacy_logins.c.password,
    tokens.signing_keys.c.private,
    tokens.refresh_tokens.c.successor,
)
"""Every column that the key ring seals."""

__all__ = ["FEATURES", "SEALED", "metadata"]
