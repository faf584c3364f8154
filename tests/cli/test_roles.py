"""Three roles of PostgreSQL: `init` as the owner gives app and leader what they need, and no more."""

from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.cli.conftest import ISSUER, SAMPLE, Home
from tests.postgres import PostgresServer

ROLES = ("owner", "app", "leader")


@pytest.fixture
async def apart(postgres_server: PostgresServer, tmp_path):
    """A home whose three URLs are three roles."""
    name = postgres_server.create_database()
    url = postgres_server.url(name)
    users = {role: f"{name}_{role}" for role in ROLES}
    conn = await asyncpg.connect(url)
    for user in users.values():
        await conn.execute(f'CREATE ROLE "{user}" LOGIN NOSUPERUSER NOINHERIT')
    await conn.execute(f'ALTER SCHEMA public OWNER TO "{users["owner"]}"')
    await conn.execute(f'ALTER DATABASE "{name}" OWNER TO "{users["owner"]}"')
    await conn.close()
    parts = urlsplit(url)
    urls = {
        role: parts._replace(netloc=f"{user}@{parts.hostname}:{parts.port}").geturl()
        for role, user in users.items()
    }
    yield Home(
        tmp_path / "home",
        {
            "OWNSHIP_DATABASE_URL": urls["app"],
            "OWNSHIP_OWNER_DATABASE_URL": urls["owner"],
            "OWNSHIP_LEADER_DATABASE_URL": urls["leader"],
            "OWNSHIP_ISSUER": ISSUER,
        },
    )
    postgres_server.drop_database(name)
    conn = await asyncpg.connect(postgres_server.url("postgres"))
    for user in users.values():
        await conn.execute(f'DROP ROLE "{user}"')
    await conn.close()


async def test_commands_work_as_the_app_and_cannot_change_the_log(apart: Home):
    assert apart.run("init").code == 0
    assert apart.run("init").code == 0
    assert apart.run("code", "publish", str(SAMPLE)).code == 0
    added = apart.run("customer", "add", "--email", "ana@example.org", "--source", "told")
    assert added.code == 0, added.err
    found = apart.run("doctor")
    assert found.code == 0, found.out
    roles = next(line for line in found.out.splitlines() if line.startswith("roles"))
    assert roles == "roles\tok\t"
    conn = await asyncpg.connect(apart.settings["OWNSHIP_DATABASE_URL"])
    for statement in ("DELETE FROM log_outbox", "DELETE FROM log_leaf", "DROP TABLE value"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(statement)
    await conn.close()


async def test_a_role_that_may_not_make_tables_is_not_ready(apart: Home):
    app = apart.settings["OWNSHIP_DATABASE_URL"]
    done = apart.run("init", OWNSHIP_OWNER_DATABASE_URL=app)
    assert done.code == 3
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
    assert app not in done.err
    assert apart.run("init").code == 0
