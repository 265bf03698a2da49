"""Alembic's environment: the connection is handed in by `signon.schema`."""

from alembic import context

from signon.tables import metadata

given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
    if "then" in given:  # what belongs into the transaction of the newest migration
        given["then"](given["connection"])
