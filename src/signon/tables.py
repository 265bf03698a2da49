"""Every feature's tables and sealed columns, so that the schema is known whole."""

from signon.accounts import credentials
from signon.accounts import models as accounts
from signon.audit import models as audit
from signon.clients import models as clients
from signon.courts import models as courts
from signon.db import metadata
from signon.filing import models as filing
from signon.filing.agents import models as agents
from signon.filing.court import models as court
from signon.filing.cutover import models as cutover
from signon.filing.cutover.waves import models as waves
from signon.filing.legacy_logins import import_jobs, legacy_logins
from signon.filing.legacy_logins import models as imports
from signon.filing.linking import models as linking
from signon.filing.linking import prepared_links, proving
from signon.firms import models as firms
from signon.jobs import models as jobs
from signon.journeys import models as journeys
from signon.limits import models as limits
from signon.oidc import models as oidc
from signon.operators import models as operators
from signon.outbox import models as outbox
from signon.registration import models as registration
from signon.searching import models as searching
from signon.signin import factor_challenges, totp
from signon.signin import models as signin
from signon.tokens import models as tokens
from signon.tokens import refreshing, stored_keys
from signon.tokens.resealing import SealedColumns
from signon.upgrade import entered as upgrade_entered
from signon.upgrade import models as upgrade
from signon.web import idempotency
from signon.web import models as web

FEATURES = (
    accounts, agents, audit, clients, court, courts, cutover, filing, firms, imports, jobs, journeys, limits, linking, oidc,
    operators, outbox, registration, searching, signin, tokens, upgrade, waves, web,
)  # fmt: skip
"""The modules that define tables; importing them has put the tables into `metadata`."""

SEALED: SealedColumns = {
    accounts.accounts.c.password: credentials.seal_context,
    filing.legacy_logins.c.password: legacy_logins.seal_context,
    imports.legacy_imports.c.content: import_jobs.content_context,
    imports.legacy_import_parts.c.wrapped: import_jobs.part_context,
    filing.link_proofs.c.password: proving.seal_context,
    linking.prepared_links.c.password: prepared_links.seal_context,
    signin.authenticators.c.secret: totp.seal_context,
    signin.removed_authenticators.c.secret: totp.seal_context,
    signin.factor_challenges.c.secret: factor_challenges.seal_context,
    registration.registrations.c.sealed: registration.seal_context,
    tokens.signing_keys.c.private: stored_keys.seal_context,
    tokens.refresh_tokens.c.successor: refreshing.seal_context,
    web.idempotent_answers.c.body: idempotency.seal_context,
    upgrade.upgrades.c.entered: upgrade_entered.seal_context,
    outbox.outbox.c.sealed: outbox.seal_context,
    cutover.held_mails.c.sealed: cutover.seal_context,
}
"""Every column that the key ring seals, with what makes the context of a row's primary key."""

__all__ = ["FEATURES", "SEALED", "metadata"]
