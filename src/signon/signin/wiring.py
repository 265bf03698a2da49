"""What the pages of most features are made of."""

from dataclasses import dataclass

from signon.accounts.hashing import Hasher, HashingGate
from signon.clients.registry import ClientRegistry
from signon.courts.registry import CourtRegistry
from signon.crypto import KeyRing
from signon.db import Database
from signon.limits.trials import Trials
from signon.signin.demands import Demands
from signon.web.site import Site


@dataclass(frozen=True, slots=True)
class Wiring:
    """The parts of which an application has one each; `app` makes them, a feature takes its own."""

    site: Site
    database: Database
    ring: KeyRing
    hasher: Hasher
    gate: HashingGate
    trials: Trials
    clients: ClientRegistry
    courts: CourtRegistry
    demands: Demands
