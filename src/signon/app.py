"""The wiring: every part is made here and handed what it needs."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial

from fastapi import FastAPI

from signon import __version__, metrics, pruning
from signon.accounts import email_changes, found_by, own_changes, password_work, search, unreachable
from signon.accounts.hashing import Hasher, HashingGate
from signon.accounts.mail_reports_endpoint import MailReports
from signon.accounts.models import accounts
from signon.audit import crowding, sealing, trail
from signon.audit.endpoints import CheckpointPage
from signon.audit.notes import NoteKeys
from signon.audit.sealing import Sealer
from signon.clients import refusal_records, refusals
from signon.clients.refusals import Refusals
from signon.clients.registry import ClientRegistry
from signon.clock import Clock, utc_now
from signon.config import Settings
from signon.courts.pages import CourtPages
from signon.courts.registry import CourtRegistry
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import BusyError
from signon.filing.agents import upkeep
from signon.filing.agents.demand import ActingFor
from signon.filing.agents.naming import Naming
from signon.filing.api import COURT_OPERATIONS
from signon.filing.certificates import expiries
from signon.filing.court import kept_counts
from signon.filing.cutover import checks, going_live, held_mails, points, states, today
from signon.filing.cutover.waves import sending
from signon.filing.legacy_logins import found_by as logins_found_by
from signon.filing.legacy_logins.import_jobs import ImportJobs
from signon.filing.legacy_logins.importing import Means
from signon.filing.linking.guess_notices import GuessNotices
from signon.filing.linking.proof_mails import ProofMails
from signon.filing.models import legacy_logins
from signon.filing.overview import figures
from signon.filing.pages import filing_pages
from signon.filing.pruning import prune_unsent_registrations
from signon.filing.registrations import found_by as registrations_found_by
from signon.filing.registrations import intake_mails, lapsing
from signon.filing.registrations.matches import OldLoginNotices
from signon.filing.rights import found_by as rights_found_by
from signon.filing.rights import last_days
from signon.filing.rights.redaction import Redaction
from signon.filing.rights.second_factor import SecondFactor
from signon.firms import administrators, client_codes
from signon.firms.api import FIRM_OPERATIONS
from signon.firms.delivery import Delivery
from signon.firms.pages import firm_pages
from signon.jobs import clock_watch, heartbeats, loop
from signon.jobs import measuring as jobs_measuring
from signon.jobs.clock_watch import ClockWatch
from signon.jobs.heartbeats import Heart
from signon.limits.trials import Trials
from signon.metrics import Standing
from signon.notices import mail
from signon.notices.delivery import Mailer
from signon.oidc import endpoints as oidc
from signon.oidc import logout_notices
from signon.oidc.logout_notices import LogoutNotices
from signon.operators import api as operators_api
from signon.operators import standing
from signon.operators.client_invitations import api as client_invitations_api
from signon.operators.pages import OperatorConsole
from signon.operators.registers import api as registers_api
from signon.outbound import Outbound
from signon.outbox import events as outbox
from signon.outbox import measuring as outbox_measuring
from signon.pacer_api.endpoints import PacerApi
from signon.profile import api as profile_api
from signon.profile.pages import account_pages
from signon.recovery.answering import Answering
from signon.recovery.pages import RecoveryPages
from signon.registration.pages import registration_pages
from signon.rest import Operations, Rest
from signon.searching import filling
from signon.signin import due_resets
from signon.signin.attempts import Reporting
from signon.signin.client_code import ClientCode
from signon.signin.demands import Demands, PasswordChange
from signon.signin.pages import sign_in_pages
from signon.signin.reachable_address import ReachableAddress
from signon.signin.spare import Spare
from signon.signin.wiring import Wiring
from signon.tables import SEALED, metadata
from signon.tokens import readiness
from signon.tokens.keys import LOOK_EVERY, SigningKeys
from signon.upgrade.pages import UpgradePages
from signon.web import static_files
from signon.web.answers import Answers
from signon.web.application import Application, Part
from signon.web.help import HelpPages
from signon.web.probes import Measure, Probes
from signon.web.reference import ReferencePages
from signon.web.repeats import Repeats
from signon.web.request_rate import prune_request_rates
from signon.web.site import Site
from signon.web.well_known import WellKnown

FOUND_BY: Mapping[str, filling.Fill] = {
    "accounts": found_by.fill,
    "legacy_logins": logins_found_by.fill,
    "filing_rights": rights_found_by.fill,
    "efile_registrations": registrations_found_by.fill,
}
"""What makes entries of rows that were there before there were any; accounts come first."""


COUNTED = (states.STANDINGS, checks.LIST, today.DAY, figures.OVERVIEW)
"""What is counted by the minute at large courts."""


def wire(database: Database) -> Database:
    """Give a database the writers that run before every commit."""
    database.before_commit.append(trail.write_queued)
    return database


def prunable(settings: Settings) -> dict[str, pruning.Prune]:
    """What each feature lets go of, in the order in which it goes."""
    return {
        "request_rates": prune_request_rates,
        "unsent_registrations": partial(
            prune_unsent_registrations, days=settings.registration_draft_days
        ),
        **pruning.declared(metadata, settings),
    }


def background(
    settings: Settings,
    database: Database,
    handlers: Mapping[str, outbox.Handler],
    refused: Refusals,
    trials: Trials,
    sealer: Sealer,
    outbound: Outbound,
    keys: SigningKeys,
) -> list[loop.Job]:
    """What every serving process does beside answering; `handlers` are the outbox's, `refused` is
    what it has noted itself, `keys` are those that it knows.
    """
    patience = {logout_notices.KIND: logout_notices.patience(settings)}
    deliver = partial(outbox.deliver_due, database, handlers, patience)
    prune = partial(pruning.prune_all, database, prunable(settings))
    reset = partial(due_resets.carry_out, database, settings)
    addresses = partial(email_changes.carry_out, database, settings.issuer)
    certificates = partial(expiries.look, database, settings)
    lapsed = partial(expiries.look_for_lapsed, database, settings)
    sealed = {table: SEALED[table.c.password] for table in (accounts, legacy_logins)}
    works = partial(password_work.note_missing, database, KeyRing(settings.key_bytes), sealed)
    remind = partial(sending.look, database, settings.issuer)
    live = partial(going_live.look, database, settings, Hasher(settings))
    enter = partial(filling.fill, database, FOUND_BY)
    means = Means(database, KeyRing(settings.key_bytes), Hasher(settings), 1)
    imports = ImportJobs(means, settings)
    switch_off = partial(search.switch_off_unused, database, settings)
    count = partial(refusal_records.record_counts, database)
    return [
        loop.Job("outbox", timedelta(seconds=1), deliver, leased=False),
        loop.Job("sealing", sealing.EVERY, sealer.settle, leased=False),
        loop.Job("heartbeat", heartbeats.EVERY, Heart(database).beat, leased=False),
        loop.Job("signing_keys", LOOK_EVERY, keys.look, leased=False),
        loop.Job("clock", clock_watch.EVERY, ClockWatch(database, metadata).look, leased=False),
        loop.Job("trials", timedelta(seconds=1), trials.settle, leased=False),
        loop.Job("client_refusals", refusals.EVERY, refused.keep, leased=False),
        loop.Job("client_refusal_counts", timedelta(minutes=10), count),
        loop.Job("pruning", timedelta(minutes=10), prune),
        loop.Job("factor_resets", timedelta(minutes=1), reset),
        loop.Job("email_changes", timedelta(minutes=1), addresses),
        loop.Job("filing_agents", timedelta(minutes=1), partial(upkeep.look, database)),
        loop.Job("unused_search", timedelta(hours=24), switch_off),
        loop.Job("password_works", timedelta(hours=24), works),
        loop.Job("search_entries", timedelta(minutes=10), enter),
        loop.Job("certificates", timedelta(hours=24), certificates),
        loop.Job("lapsed_certificates", timedelta(hours=1), lapsed),
        loop.Job("intake_mails", timedelta(hours=1), partial(intake_mails.tell_daily, database)),
        loop.Job("cutover_points", timedelta(hours=1), partial(points.keep, database)),
        loop.Job("court_counts", kept_counts.EVERY, partial(kept_counts.keep, database, COUNTED)),
        loop.Job("cutover_checks", timedelta(hours=1), partial(checks.look, database, outbound)),
        loop.Job("reminders", timedelta(seconds=15), remind),
        loop.Job("going_live", timedelta(minutes=1), live),
        loop.Job(
            "returned_registrations",
            timedelta(hours=1),
            partial(lapsing.look, database, settings.issuer),
        ),
        loop.Job("legacy_imports", timedelta(seconds=2), imports.look, leased=False),
        loop.Job("standing", standing.EVERY, partial(standing.take, database)),
        loop.Job("last_days", timedelta(hours=1), partial(last_days.look, database)),
    ]


def measures(database: Database, keys: SigningKeys) -> list[Measure]:
    """What `/metrics` tells beside the counts."""
    return [
        partial(readiness.measure, keys, database.clock),
        partial(crowding.measure, database),
        partial(sealing.measure, database),
        partial(outbox_measuring.measure, database),
        partial(jobs_measuring.measure, database),
        partial(standing.measure, database),
    ]


def create_app(settings: Settings, *, clock: Clock = utc_now, demo: bool = False) -> FastAPI:
    """The whole application over one set of settings."""
    ring = KeyRing(settings.key_bytes)
    database = wire(
        Database(
            settings.database_url.get_secret_value(),
            clock=clock,
            pool=settings.database_pool,
            ring=ring,
            prepares=settings.database_prepared,
        )
    )
    site = Site(settings, ring, demo=demo)
    answers = Answers(site)
    courts = CourtRegistry(database)
    keys = SigningKeys(database, ring)
    clients = ClientRegistry(database)
    refused = Refusals(database)
    hasher = Hasher(settings)
    gate = HashingGate(
        threads=settings.hashing_threads,
        queue_seconds=settings.hashing_queue_seconds,
        seconds=password_work.price(hasher.work) / 1000,
    )

    second_factor = SecondFactor(settings, manages=administrators.manages)
    client_code = ClientCode(client_codes.rule_of, client_codes.ASKS, client_codes.rule_in)
    demands = Demands(
        [
            PasswordChange(settings.password_policy),
            client_code,
            second_factor,
            Spare(),
            Redaction(),
            ReachableAddress(),
            ActingFor(),
        ]
    )
    wiring = Wiring(site, database, ring, hasher, gate, Trials(database), clients, courts, demands)
    mailer = Mailer(
        settings,
        refused=lambda failed: database.write(unreachable.note, failed, how=unreachable.REFUSED),
        held=lambda *kept: database.write(held_mails.keep, *kept),
    )
    outbound = Outbound(allow_loopback=not settings.is_https, networks=settings.outbound_networks)
    notices = LogoutNotices(settings.issuer, database, keys, outbound)

    handlers = {
        mail.KIND: mailer.deliver,
        own_changes.CHANGED: own_changes.tell_subscribers,
        **notices.handlers(),
        **Answering(settings, ring, database).handlers(),
        **ProofMails(settings.issuer, ring, database).handlers(),
        **Reporting(ring, database).handlers(),
        **OldLoginNotices(database).handlers(),
        **GuessNotices(ring, database).handlers(),
        **Delivery(settings, database).handlers(),
        **Naming(database).handlers(),
    }

    sealer = Sealer(database, NoteKeys(settings.issuer, ring), settings.audit_checkpoint_file)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with loop.running(
            database,
            background(
                settings, database, handlers, refused, wiring.trials, sealer, outbound, keys
            ),
        ):
            yield
        with suppress(BusyError):
            await refused.keep()
            await wiring.trials.settle()
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
    probes = Probes(settings, database, [readiness.why_not_ready], measures(database, keys))
    app.state.leave, app.state.standing = (
        probes.leave,
        Standing({metrics.hashing: gate.standing, metrics.pool: database.standing}),
    )
    app.state.rest = Rest(
        settings,
        database,
        ring,
        keys,
        courts,
        profile_api.Means(courts, client_code.rule_of, second_factor),
    )
    app.router.routes.append(
        Operations(
            [
                *(profile_api.operations, *COURT_OPERATIONS, *FIRM_OPERATIONS),
                *(operators_api.operations, registers_api.operations),
                client_invitations_api.operations,
            ]
        )
    )
    app.router.routes.extend(oidc.routes(wiring, keys, outbound, refused))
    app.router.routes.extend(static_files.routes())
    features: tuple[Part, ...] = (
        probes,
        CheckpointPage(database),
        MailReports(settings, database, ring),
        WellKnown(site, clock),
        HelpPages(site),
        CourtPages(site, database, courts),
        *filing_pages(wiring),
        UpgradePages(wiring),
        *sign_in_pages(wiring),
        PacerApi(wiring, client_code.rule_of, second_factor),
        *account_pages(wiring, second_factor, client_code),
        ReferencePages(site),
        *firm_pages(wiring),
        OperatorConsole(wiring),
        RecoveryPages(wiring),
        *registration_pages(wiring),
    )
    for feature in features:
        app.router.routes.extend(feature.routes())
    app.router.routes[:] = Repeats(database, ring).guarded(app.router.routes)
    return app
