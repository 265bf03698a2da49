"""Migration 0022: a chain goes on as a tree, with its proof; and back."""

import hashlib
import json

from sqlalchemy import create_engine, text

from signon import schema
from signon.app import wire
from signon.audit import trail
from signon.db import Database
from tests.audit.records import all_rows, fill, look, seal
from tests.test_schema import _migrate

NUMBER = 5


def _chained(url: str) -> list[str]:
    """Events as the program before wrote them; answers their hashes."""
    engine, hashes, previous = create_engine(url), [], bytes(32)
    with engine.begin() as connection:
        for seq in range(1, NUMBER + 1):
            at = f"2026-03-02 15:00:0{seq}.000000"
            fields = [f"id-{seq}", f"{at.replace(' ', 'T')}+00:00", "a:b:c", "acc-1"]
            line = [*fields, None, None, "casb", None, {"number": seq}]
            record = json.dumps(line, separators=(",", ":"))
            digest = hashlib.sha256(record.encode()).digest()
            previous = hashlib.sha256(previous + seq.to_bytes(8, "big") + digest).digest()
            hashes.append(previous.hex())
            connection.execute(
                text(
                    "INSERT INTO audit_events (seq, id, at, event, actor, court_id, detail, hash) "
                    "VALUES (:seq, :id, :at, 'a:b:c', 'acc-1', 'casb', :detail, :hash)"
                ),
                {"seq": seq, "id": f"id-{seq}", "at": _moment(engine.name, at), "hash": previous,
                 "detail": json.dumps({"number": seq})},
            )  # fmt: skip
        connection.execute(
            text("UPDATE audit_head SET seq = :seq, hash = :hash"),
            {"seq": NUMBER, "hash": previous},
        )
    engine.dispose()
    return hashes


def _moment(dialect: str, at: str) -> str:
    return f"{at}+00" if dialect == "postgresql" else at


def test_a_chain_goes_on_as_a_tree(empty_database_url: str):
    """Its hashes stay, what comes has the next numbers, and both are sealed and verified."""
    _migrate(empty_database_url, "0016")
    hashes = _chained(empty_database_url)
    schema.upgrade(empty_database_url)
    database = wire(Database(empty_database_url))
    fill(database, 2)
    seal(database)
    rows = all_rows(database)
    assert [row.seq for row in rows] == list(range(1, NUMBER + 3))
    assert [row.hash.hex() for row in rows] == [*hashes, "", ""]
    assert look(database) is None
    database.close()


def test_a_tree_goes_back_to_a_chain(empty_database_url: str):
    """As the program before would have written it; and on again, with the same records."""
    _migrate(empty_database_url, "0016")
    hashes = _chained(empty_database_url)
    schema.upgrade(empty_database_url)
    database = wire(Database(empty_database_url))
    fill(database, 2)
    seal(database)
    _migrate(empty_database_url, "0016")
    rows = all_rows(database)
    assert [row.hash.hex() for row in rows][:NUMBER] == hashes
    made = trail.Kept(rows[-1].seq, trail.Record(*rows[-1][1:10]), rows[-1].hash)
    assert made.chained(rows[-2].hash) == made.hash
    schema.upgrade(empty_database_url)
    seal(database)
    assert look(database) is None
    database.close()
