"""Asking for a mail that proves a legacy login, when its password or the login itself is lost.

The founding pages' loudest worry: a password that only the browser knew is gone at go-live.
Whatever was typed is not looked up here. It waits, sealed, in the outbox, and `proof_mails`
looks for logins after the answer is given: neither words nor time can depend on them.
"""

import math
from datetime import timedelta

from signon import metrics
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import InputError, WaitError
from signon.filing.linking import proving
from signon.journeys.store import Journey
from signon.limits import counters
from signon.outbox import events
from signon.signin.session import Session
from signon.web.visitor import Source
from signon.words.sentences import _

KIND = "link_proof:asked"
"""Kind of the outbox event that waits to be answered."""
ASKED = "link_proof_asked"
"""Bucket: what one account asked for at one court."""
ASKED_AN_HOUR = 10
NETWORKS = "link_proof_networks"
"""Bucket: what was asked from one network, by however many accounts."""
OF_NETWORK_AN_HOUR = 60
HOUR = timedelta(hours=1)
LONGEST = 254
"""Characters of the longest e-mail address; logins are shorter."""
TYPED = "lost_login"
"""What the typed text is sealed for: people type passwords into the wrong field."""


def ask(
    unit: Unit,
    ring: KeyRing,
    session: Session,
    court: Court,
    journey: Journey,
    typed: str,
    *,
    source: Source,
) -> None:
    """Write down what is asked for.

    Raises InputError when nothing, or too much, was typed; WaitError after so many from the
    account or the network.
    """
    tidy = _checked(typed)
    counted = counters.key(f"{session.account.id}:{court.id}")
    network = ring.mac(NETWORKS, source.network.encode())
    places = [(ASKED, counted), (NETWORKS, network)]
    found, here = counters.hit_each(unit, [(*place, HOUR) for place in places])
    is_much = found.count > ASKED_AN_HOUR
    if is_much or here.count > OF_NETWORK_AN_HOUR:
        counters.settle(unit, [(*place, counters.TAKE_BACK) for place in places])
        ends_at = (found if is_much else here).ends_at
        assert ends_at is not None
        metrics.throttled.labels(ASKED if is_much else NETWORKS).inc()
        wait = WaitError(
            max(1, math.ceil((ends_at - unit.now).total_seconds())),
            reason="too_many_proofs_asked",
            sentence=_("You have asked for several mails already."),
            next_step=_("Check your mail, or wait and try again."),
        )
        raise proving.noted(unit, wait, session, court, source=source)
    asked = trail.record(
        unit,
        Event.LINK_PROOF_ASKED,
        actor=session.account.id,
        account_id=session.account.id,
        court_id=court.id,
        source=source,
        typed_mac=ring.mac(TYPED, tidy.casefold().encode()).hex(),
    )
    payload = {
        "account": session.account.id,
        "court": court.id,
        "typed": ring.seal(tidy.encode(), TYPED).hex(),
        "asked": asked,
        "client": journey.client_id,
        "return_to": journey.return_to,
        "second": bool(journey.request.get("second")),
    }
    events.put(unit, KIND, payload)


def _checked(typed: str) -> str:
    tidy = typed.strip()
    if not tidy:
        raise InputError(_("Enter your login or your e-mail address."), field="known")
    if len(tidy) > LONGEST:
        raise InputError(
            _("That is longer than {LONGEST} characters.", LONGEST=LONGEST), field="known"
        )
    return tidy
