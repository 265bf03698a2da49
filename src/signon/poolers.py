"""A pooler between us and PostgreSQL, such as PgBouncer in transaction mode.

It lends a connection for one transaction. Whether it carries prepared statements from one to the
next is looked at before anybody is served (PgBouncer does from 1.21 on, with
`max_prepared_statements` above 0).
"""

from signon.engines import Opener
from signon.errors import NotReadyError

PROBE = b"signon_probe"


def require_prepared(url: str, timeouts: dict[str, int]) -> None:
    """Raise NotReadyError when statements are prepared, and something between us loses them."""
    opener = Opener(url, timeouts, writes=False)
    one, other = opener(), opener()
    try:
        if one.wire is None or other.wire is None or not one.wire.is_pooled:
            return
        both = ((one.wire.pgconn, b"1"), (other.wire.pgconn, b"2"))
        # whoever lends one connection to both meets the other's statement by this name
        made = [libpq.prepare(PROBE, b"SELECT " + number) for libpq, number in both]
        found = [libpq.exec_prepared(PROBE, None) for libpq, _ in both]
        if any(each.error_message for each in (*made, *found)) or [
            each.get_value(0, 0) for each in found
        ] != [number for _, number in both]:
            raise NotReadyError(
                "A pooler stands before the database that does not carry prepared statements. "
                "Set SIGNON_DATABASE_PREPARED=false, or let the pooler carry them "
                "(PgBouncer 1.21 or newer, with max_prepared_statements above 0)."
            )
    finally:
        one.close()
        other.close()
