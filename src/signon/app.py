"""The wiring: every part is made here and handed what it needs."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial

from fastapi import FastAPI

from signon import __version__
from signon.accounts import email_changes, password_work, search
from signon.accounts.hashing import Hasher, HashingGate
from signon.accounts.models import accounts
from signon.accounts.pruning import prune_email_changes, prune_mailed_links
from signon.accounts.usernames import prune_held_usernames
from signon.audit import crowding, trail
from signon.audit.pruning import prune_origins
from signon.clients import refusal_records, refusals
from signon.clients.pruning import prune_assertions, prune_refusal_counts, prune_refusals
from signon.clients.refusals import Refusals
from signon.clients.registry import ClientRegistry
from signon.clock import Clock, utc_now
from signon.config import Settings
from signon.courts.pages import CourtPages
from signon.courts.registry import CourtRegistry
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import BusyError
from signon.filing import expiries
from signon.filing.api import COURT_OPERATIONS
from signon.filing.guess_notices import GuessNotices
from signon.filing.models import legacy_logins
from signon.filing.pages import (
    LinkPages,
    LostLoginPages,
    ReadyPages,
    RegisteredPages,
    RegisteringPages,
    UndoPages,
)
from signon.filing.pages.console import court_console
from signon.filing.proof_mails import ProofMails
from signon.filing.pruning import prune_link_proofs, prune_unsent_registrations
from signon.filing.redaction import Redaction
from signon.filing.second_factor import SecondFactor
from signon.firms import administrators, client_codes
from signon.firms.api import FIRM_OPERATIONS
from signon.firms.delivery import Delivery
from signon.firms.pages import firm_console
from signon.firms.pages.registration import RegisterFirmPages
from signon.firms.pruning import prune_firm_invitations
from signon.jobs import loop, pruning
from signon.journeys.pruning import prune_journeys
from signon.limits.pruning import prune_counters
from signon.notices import mail
from signon.notices.delivery import Mailer
from signon.oidc import endpoints as oidc
from signon.oidc import logout_notices
from signon.oidc.logout_notices import LogoutNotices
from signon.oidc.pruning import prune_codes
from signon.operators import api as operators_api
from signon.operators.pages import OperatorPages
from signon.outbound import Outbound
from signon.outbox import events as outbox
from signon.outbox.pruning import prune_outbox
from signon.profile import api as profile_api
from signon.profile.pages import AccountPages
from signon.recovery.answering import Answering
from signon.recovery.pages import RecoveryPages
from signon.registration.pages import ConfirmPages, RegisterPages
from signon.registration.pruning import prune_registrations
from signon.rest import Operations, Rest
from signon.signin import due_resets
from signon.signin.attempts import Reporting
from signon.signin.client_code import ClientCode
from signon.signin.demands import Demands, PasswordChange
from signon.signin.pages import PasskeyPages, SecondStepPages, SignInPages, SignOutPages
from signon.signin.pruning import (
    prune_factor_challenges,
    prune_half_sign_ins,
    prune_known_devices,
    prune_removed_factors,
    prune_sessions,
)
from signon.signin.second_step import SecondSteps
from signon.tables import SEALED
from signon.tokens import readiness
from signon.tokens.keys import SigningKeys
from signon.tokens.pruning import prune_grants, prune_revoked_access_tokens
from signon.upgrade.pages import UpgradePages
from signon.upgrade.pruning import prune_upgrades
from signon.web import static_files
from signon.web.answers import Answers
from signon.web.application import Application, Part
from signon.web.idempotency import prune_idempotent_answers
from signon.web.probes import Probes
from signon.web.reference import ReferencePages
from signon.web.request_rate import prune_request_rates
from signon.web.site import Site
from signon.web.well_known import WellKnown


def wire(database: Database) -> Database:
    """Give a database the writers that run before every commit."""
    database.before_commit.append(trail.write_queued)
    return database


def prunable(settings: Settings) -> dict[str, pruning.Prune]:
    """What each feature lets go of, in the order in which it goes."""
    return {
        "journeys": prune_journeys,
        "registrations": prune_registrations,
        "mailed_links": prune_mailed_links,
        "email_changes": prune_email_changes,
        "held_usernames": prune_held_usernames,
        "limit_counters": prune_counters,
        "idempotent_answers": prune_idempotent_answers,
        "request_rates": prune_request_rates,
        "link_proofs": prune_link_proofs,
        "unsent_registrations": partial(
            prune_unsent_registrations, days=settings.registration_draft_days
        ),
        "upgrades": prune_upgrades,
        "firm_invitations": prune_firm_invitations,
        "client_assertions": prune_assertions,
        "client_refusals": partial(prune_refusals, days=settings.client_refusal_days),
        "client_refusal_counts": partial(prune_refusal_counts, days=settings.client_refusal_days),
        "authorization_codes": prune_codes,
        "revoked_access_tokens": prune_revoked_access_tokens,
        "grants": prune_grants,
        "half_sign_ins": prune_half_sign_ins,
        "factor_challenges": prune_factor_challenges,
        "removed_factors": prune_removed_factors,
        "known_devices": prune_known_devices,
        "sessions": prune_sessions,
        "outbox": prune_outbox,
        "audit_origins": partial(prune_origins, days=settings.audit_origin_days),
    }


def background(
    settings: Settings,
    database: Database,
    handlers: Mapping[str, outbox.Handler],
    refused: Refusals,
) -> list[loop.Job]:
    """What every serving process does beside answering; `handlers` are the outbox's, `refused` is
    what it has noted itself.
    """
    patience = {logout_notices.KIND: logout_notices.patience}
    deliver = partial(outbox.deliver_due, database, handlers, patience)
    prune = partial(pruning.prune_all, database, prunable(settings))
    reset = partial(due_resets.carry_out, database, settings)
    addresses = partial(email_changes.carry_out, database, settings.issuer)
    certificates = partial(expiries.look, database, settings)
    lapsed = partial(expiries.look_for_lapsed, database, settings)
    sealed = {table: SEALED[table.c.password] for table in (accounts, legacy_logins)}
    works = partial(password_work.note_missing, database, KeyRing(settings.key_bytes), sealed)
    switch_off = partial(search.switch_off_unused, database, settings)
    count = partial(refusal_records.record_counts, database)
    return [
        loop.Job("outbox", timedelta(seconds=1), deliver, leased=False),
        loop.Job("client_refusals", refusals.EVERY, refused.keep, leased=False),
        loop.Job("client_refusal_counts", timedelta(minutes=10), count),
        loop.Job("pruning", timedelta(minutes=10), prune),
        loop.Job("factor_resets", timedelta(minutes=1), reset),
        loop.Job("email_changes", timedelta(minutes=1), addresses),
        loop.Job("unused_search", timedelta(hours=24), switch_off),
        loop.Job("password_works", timedelta(hours=24), works),
        loop.Job("certificates", timedelta(hours=24), certificates),
        loop.Job("lapsed_certificates", timedelta(hours=1), lapsed),
    ]


def create_app(settings: Settings, *, clock: Clock = utc_now, demo: bool = False) -> FastAPI:
    """The whole application over one set of settings."""
    ring = KeyRing(settings.key_bytes)
    url = settings.database_url.get_secret_value()
    database = wire(Database(url, clock=clock, pool=settings.database_pool, ring=ring))
    site = Site(settings, ring, demo=demo)
    answers = Answers(site)
    courts = CourtRegistry(database)
    keys = SigningKeys(database, ring)
    clients = ClientRegistry(database)
    refused = Refusals(database)
    hasher = Hasher(settings)
    gate = HashingGate(
        threads=settings.hashing_threads, queue_seconds=settings.hashing_queue_seconds
    )

    second_factor = SecondFactor(settings, manages=administrators.manages())
    client_code = ClientCode(client_codes.rule_of)
    demands = Demands(
        [PasswordChange(settings.password_policy), client_code, second_factor, Redaction()]
    )
    mailer = Mailer(settings)
    outbound = Outbound(allow_loopback=not settings.is_https, networks=settings.outbound_networks)
    notices = LogoutNotices(settings.issuer, database, keys, outbound)

    handlers = {
        mail.KIND: mailer.deliver,
        **notices.handlers(),
        **Answering(settings, ring, database).handlers(),
        **ProofMails(settings.issuer, ring, database).handlers(),
        **Reporting(ring, database).handlers(),
        **GuessNotices(ring, database).handlers(),
        **Delivery(settings, database).handlers(),
    }

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with loop.running(database, background(settings, database, handlers, refused)):
            yield
        with suppress(BusyError):
            await refused.keep()
        mailer.close()
        await outbound.close()
        gate.close()
        database.close()

    app = Application(
        answers,
        is_https=settings.is_https,
        title="signon",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,
        # 307 would repeat a posted password, to an address made of the Host header
        redirect_slashes=False,
        # we count and log by ourselves; looking for OpenTelemetry costs every request
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    measures = [partial(readiness.measure, keys, clock), partial(crowding.measure, database)]
    probes = Probes(settings, database, [readiness.why_not_ready], measures)
    own = profile_api.Means.of(settings, courts, client_code.rule_of, second_factor)
    app.state.rest = Rest(settings, database, ring, keys, own)
    app.router.routes.append(
        Operations(
            [profile_api.operations, *COURT_OPERATIONS, *FIRM_OPERATIONS, operators_api.operations]
        )
    )
    app.router.routes.extend(
        oidc.routes(site, database, ring, keys, clients, courts, outbound, demands, refused)
    )
    app.router.routes.extend(static_files.routes())
    features: tuple[Part, ...] = (
        probes,
        WellKnown(site, clock),
        CourtPages(site, database, courts),
        *court_console(site, database, ring, courts),
        LinkPages(site, database, hasher, gate, ring, clients, courts),
        LostLoginPages(site, database, ring, courts),
        ReadyPages(site, database, clients, courts),
        RegisteredPages(site, database, clients, courts),
        RegisteringPages(site, database, clients, courts),
        UndoPages(site, database, courts),
        UpgradePages(site, database, hasher, gate, ring, clients, courts),
        SignInPages(
            site,
            database,
            hasher=hasher,
            gate=gate,
            clients=clients,
            courts=courts,
            ring=ring,
            demands=demands,
        ),
        SecondStepPages(
            site,
            database,
            gate=gate,
            clients=clients,
            courts=courts,
            steps=SecondSteps(ring, settings, demands),
        ),
        SignOutPages(site, database, clients),
        PasskeyPages(site, database, ring=ring, demands=demands),
        AccountPages(
            site,
            database,
            hasher=hasher,
            gate=gate,
            ring=ring,
            courts=courts,
            clients=clients,
            second_factor=second_factor,
            client_code=client_code,
        ),
        ReferencePages(site),
        *firm_console(site, database),
        OperatorPages(site, database, ring),
        RecoveryPages(site, database, hasher=hasher, gate=gate, ring=ring),
        ConfirmPages(site, database, hasher, gate, ring, courts),
        RegisterFirmPages(site, database, hasher, gate, ring),
        RegisterPages(site, database, hasher, gate, ring, clients, courts),
    )
    for feature in features:
        app.router.routes.extend(feature.routes())
    return app
