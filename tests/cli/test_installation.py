"""`init` makes a vault once, and nothing is ever made twice."""

import re
import stat

from tests.cli.conftest import only_sqlite


def test_a_second_init_changes_nothing(home):
    first = home.run("init")
    ring = home.path / "keys" / "ring.json"
    content = ring.read_bytes()
    second = home.run("init")
    assert (first.code, second.code) == (0, 0)
    assert "is made" in first.out
    assert "Nothing was changed" in second.out
    assert ring.read_bytes() == content


def test_the_keys_are_for_their_owner_alone(home):
    assert home.run("init").code == 0
    ring = home.path / "keys" / "ring.json"
    assert stat.S_IMODE(ring.stat().st_mode) == 0o600
    assert stat.S_IMODE(ring.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_another_issuer_is_not_ready(home):
    assert home.run("init").code == 0
    for words in (("init",), ("serve",), ("app", "list"), ("jobs",)):
        done = home.run(*words, OWNSHIP_ISSUER="http://localhost:1")
        assert done.code == 3, words
        assert "This vault was made for" in done.err


def test_a_key_ring_of_another_vault_is_never_overwritten(home, tmp_path):
    assert home.run("init").code == 0
    ring = home.path / "keys" / "ring.json"
    content = ring.read_bytes()
    other = {"OWNSHIP_DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"}
    done = home.run("init", **other)
    assert (done.code, ring.read_bytes()) == (3, content)
    assert "key ring is there already" in done.err


@only_sqlite
def test_commands_on_no_vault_say_what_to_run(home):
    for words in (("serve",), ("app", "list"), ("code", "show"), ("jobs",)):
        done = home.run(*words)
        assert done.code == 3
        assert re.search(r"ownship (init|migrate)|does not exist", done.err), done.err


def test_migrate_may_run_at_any_time(home):
    home.path.mkdir(mode=0o700)
    assert [home.run("migrate").code for _ in range(2)] == [0, 0]
    assert home.run("init").code == 0
    assert home.run("migrate").code == 0


@only_sqlite
def test_a_bad_setting_is_named_and_its_value_is_not_repeated(home):
    done = home.run("init", OWNSHIP_DATABASE_URL="mysql://root:hunter2@db/x")
    assert done.code == 3
    assert "a database URL begins with" in done.err
    assert "hunter2" not in done.err + done.out


@only_sqlite
def test_a_setting_that_nobody_knows_is_refused_with_its_neighbour(home):
    done = home.run("init", OWNSHIP_ISSUERS="http://localhost:1")
    assert done.code == 3
    assert "Did you mean OWNSHIP_ISSUER?" in done.err
