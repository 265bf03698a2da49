"""Guesses at clients leave a trace: noted in memory, kept by the background loop.

A refused request costs no write, so that nobody makes us write by guessing, and its answer takes
as long as ever. Every few seconds `keep` stores what has come together, in one unit. A process
that is killed loses those seconds of it; one that is stopped loses nothing.
"""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from signon import metrics
from signon.clients.refusal_reasons import Reason
from signon.clients.refusal_records import NOBODY, Heap, Kind, Refused, store
from signon.clients.registry import Client
from signon.db import Database
from signon.limits import counters
from signon.web.visitor import Source

EVERY = timedelta(seconds=2)
"""How often `keep` runs: so soon `signon clients diagnose` knows of a request."""
LONGEST = 200


class Refusals:
    """What this process has refused and not yet stored; few, however many there were."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._heaps: dict[Kind, Heap] = {}

    def note(
        self,
        reason: Reason,
        *,
        endpoint: str,
        source: Source,
        client: Client | None,
        named: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Count a refused request and remember it.

        `named` is the id that was used, `client` the one that has it; neither is proved.
        `detail` must hold nothing that the request said, but for what `stripped` leaves of it.
        """
        client_id = client.id if client else NOBODY
        metrics.client_refusals.labels(client_id or "unknown", reason).inc()
        heap = self._heaps.setdefault((client_id, reason), Heap())
        heap.count += 1
        heap.newest.append(
            Refused(
                request_id=source.request_id,
                at=self._database.clock(),
                client_id=client_id,
                named=counters.key(named) if named and not client else None,
                endpoint=endpoint,
                reason=reason,
                detail=(detail or "")[:LONGEST],
                network=source.network,
            )
        )

    async def keep(self) -> None:
        """Store what was noted. Raises BusyError; then it is stored the next time."""
        if not self._heaps:
            return
        taken, self._heaps = self._heaps, {}
        try:
            await self._database.write(store, taken)
        except BaseException:
            for kind, later in self._heaps.items():
                heap = taken.setdefault(kind, Heap())
                heap.count += later.count
                heap.newest.extend(later.newest)
            self._heaps = taken
            raise


def stripped(address: str) -> str:
    """What may be kept of an address that somebody sent: scheme, host and path.

    No query, fragment or user, also where they were encoded once too often, and nothing of an
    address without a host or an absolute path: there a script or data would follow.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return "(no address)"
    host = parts.netloc.rpartition("@")[2]
    path = _NO_PATH.split(parts.path, maxsplit=1)[0]
    if not path.startswith("/") or (not host and "@" in path):
        path = ""
    kept = f"{parts.scheme}:{f'//{host}' if host else ''}{path}"
    return _UNPRINTABLE.sub("?", kept[:LONGEST])


_NO_PATH = re.compile(r"[;?#&=\\]|%(?:3[bdf]|2[36]|40)", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]")
