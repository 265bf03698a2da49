"""Who may execute a statement that is no function, and who writes which table."""

import ast
from collections.abc import Iterator, Mapping
from textwrap import dedent

import pytest

from tests.house.source import modules, name_of

LIST, ROWS, CHOSEN, ANY = (
    "a list of any length",
    "many rows at once",
    "composed of what is asked for",
    "whichever table or column it is given",
)
EXECUTES = {
    "accounts.directory.listed": CHOSEN,
    "accounts.history.disown": LIST,
    "accounts.history.note_of_many": ROWS,
    "accounts.importing._known": LIST,
    "accounts.importing._taken": LIST,
    "accounts.importing.add": ROWS,
    "accounts.memberships.part": LIST,
    "accounts.own_data.store": CHOSEN,
    "accounts.password_work._note": ANY,
    "accounts.search._switch_off_these": LIST,
    "audit.sealing.seal": ROWS,
    "audit.searching._newest": CHOSEN,
    "audit.tallies.tallied": CHOSEN,
    "clients.refusal_records.store": ROWS,
    "courts.loading._step_aside": ROWS,
    "courts.loading._write": ROWS,
    "courts.rehearsals.copy_staff": CHOSEN,
    "courts.rehearsals.keep": CHOSEN,
    "filing.agents.acting.pairs_for": LIST,
    "filing.agents.acting.withdraw": LIST,
    "filing.agents.importing._write": ROWS,
    "filing.agents.log._given": LIST,
    "accounts.finding._load": LIST,
    "filing.filers.filer_lists._folded": LIST,
    "filing.filers.filer_lists._of_accounts": LIST,
    "filing.filers.filer_lists._of_logins": LIST,
    "filing.filers.filer_lists._of_words": CHOSEN,
    "filing.filers.finding._load": LIST,
    "filing.legacy_logins.legacy_lists._load": LIST,
    "searching.entries.clear": LIST,
    "searching.entries.forget": LIST,
    "searching.entries.put": ROWS,
    "searching.entries.put_found": CHOSEN,
    "searching.ranges.subjects": CHOSEN,
    "filing.agents.pairs.of_court": CHOSEN,
    "filing.certificates.certificate_lists.find": CHOSEN,
    "filing.court.court_activity._people": LIST,
    "filing.cutover.inventing._open_accounts": ROWS,
    "filing.cutover.listing._end": CHOSEN,
    "filing.cutover.listing.find": CHOSEN,
    "filing.cutover.removing._remove": ANY,
    "filing.cutover.states.few": CHOSEN,
    "filing.cutover.today._counted": LIST,
    "clock_steps.make_good": ANY,
    "filing.cutover.waves.kept.settle": ROWS,
    "filing.cutover.waves.recipients._languages": LIST,
    "filing.cutover.waves.kept.tell": LIST,
    "filing.cutover.waves.recipients._holders": LIST,
    "filing.filers.filer_lists.find": CHOSEN,
    "filing.legacy_logins.import_rows._in_batches": ROWS,
    "filing.legacy_logins.import_rows._write_some": ROWS,
    "filing.pruning.prune_unsent_registrations": LIST,
    "filing.registrations.registration_lists.find": CHOSEN,
    "firms.activity.listed": CHOSEN,
    "firms.bulk._members": LIST,
    "firms.changes.keep_all": ROWS,
    "firms.delivery._people": LIST,
    "firms.delivery.deliver": LIST,
    "firms.delivery.tell": LIST,
    "firms.invitation_list.listed": CHOSEN,
    "firms.invitations.invite_rows": ROWS,
    "firms.members.listed": CHOSEN,
    "oidc.logout_notices._tell_agents": LIST,
    "oidc.logout_notices.tell_of_account": LIST,
    "oidc.logout_notices.tell_of_rights": LIST,
    "oidc.logout_notices.tell_of_session": LIST,
    "outbox.events.put_many": ROWS,
    "tokens.resealing._move": ANY,
    "tokens.resealing.count": ANY,
    "tokens.resealing.open_some": ANY,
}
"""Where `unit.execute` stands, and why no function of `signon.prepared` does."""
WRITES: Mapping[str, str] = {}
"""Where a feature writes another's table, and why the other has no rule for it."""
RUNS = {"execute", "scalar", "row", "rows", "change", "connection"}
"""What runs a statement with its parameters by name, all of it slower than a function."""
VERBS = {"insert", "update", "delete"}


def places(module: str, tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Every node, with the function or class of the module in which it stands."""
    for top in ast.iter_child_nodes(tree):
        for node in ast.walk(top):
            yield f"{module}.{getattr(top, 'name', '')}".rstrip("."), node


def executing(module: str, tree: ast.Module) -> Iterator[str]:
    """The places that run a statement by `unit`."""
    for place, node in places(module, tree):
        match node:
            case ast.Attribute(value=ast.Name(id="unit"), attr=name) if name in RUNS:
                yield place


def writing(module: str, tree: ast.Module) -> Iterator[str]:
    """The places that insert into, update or delete from another feature's table."""
    foreign = set(_foreign(module, tree))
    for place, node in places(module, tree):
        match node:
            case ast.Call(func=ast.Attribute(value=table, attr=verb)) if (
                verb in VERBS and _table(table) in foreign
            ):
                yield place
            case ast.Call(func=verb, args=[table, *_]) if (
                _is_verb(verb) and _table(table) in foreign
            ):
                yield place


def _foreign(module: str, tree: ast.Module) -> Iterator[str]:
    """What other features' tables are called here: `accounts`, `models.accounts`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        for name in node.names:
            whole = f"{node.module}.{name.name}".split(".")
            if (
                whole[0] != "signon"
                or whole[1] == module.partition(".")[0]
                or "models" not in whole
            ):
                continue
            called = name.asname or name.name
            yield f"{called}." if whole[-1] == "models" else called


def _table(node: ast.expr) -> str:
    """A table as `_foreign` names it; a table of a module by the module alone."""
    if isinstance(node, ast.Attribute):
        return f"{ast.unparse(node.value)}."
    return ast.unparse(node)


def _is_verb(node: ast.expr) -> bool:
    """`insert`, `postgresql.insert`, and what makes one for a dialect."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in VERBS
        case ast.Call(func=ast.Name(id=name)):
            return name.startswith("insert")
    return False


def test_statements_are_functions():
    """But where the list says why not; and the list says nothing of what is gone."""
    found = {place for path, tree in modules() for place in executing(name_of(path), tree)}
    assert found == set(EXECUTES)


def test_no_feature_writes_another_s_table():
    """It calls a rule of the feature that owns it."""
    found = {place for path, tree in modules() for place in writing(name_of(path), tree)}
    assert found == set(WRITES)


@pytest.mark.parametrize(
    "text",
    [
        "update(accounts).where(accounts.c.id == one)",
        "insert(accounts)",
        "insert(accounts).values(id=one)",
        "insert_for(unit)(accounts)",
        "postgresql.insert(accounts)",
        "delete(people)",
        "accounts.delete()",
        "delete(models.accounts)",
        "models.accounts.update()",
    ],
)
def test_what_writes_a_table_is_seen(text: str):
    """However the table and the statement are named."""
    planted = ast.parse(
        dedent(
            f"""
            from signon.accounts import models
            from signon.accounts.models import accounts, accounts as people
            from signon.firms.models import firms

            def rule(unit):
                update(firms)
                select(accounts)
                unit.execute({text})
            """
        )
    )
    assert list(writing("firms.members", planted)) == ["firms.members.rule"]
    assert list(writing("accounts.members", planted)) == ["accounts.members.rule"]
    assert list(executing("firms.members", planted)) == ["firms.members.rule"]
