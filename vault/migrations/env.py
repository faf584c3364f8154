"""Run the steps on the connection that `vault/store/migrate.py` hands over.

It opens no connection and commits nothing: the caller's transaction holds all steps.
"""

from alembic import context

from vault.store.tables import TABLES

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=TABLES,
    transactional_ddl=True,  # on SQLite too: our BEGIN IMMEDIATE covers CREATE TABLE
    render_as_batch=True,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
