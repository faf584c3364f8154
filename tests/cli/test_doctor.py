"""`doctor` says each setting with its origin, and what is wrong with what to do."""

from tests.cli.conftest import only_sqlite, only_sqlite_made


def rows(text: str) -> dict[str, list[str]]:
    return {line.split("\t")[0]: line.split("\t")[1:] for line in text.splitlines() if line}


def test_a_vault_that_works_is_said_to(made):
    done = made.run("doctor")
    assert done.code == 0, done.out
    found = rows(done.out)
    assert found["keys"][0] == found["database"][0] == found["log"][0] == "ok"
    assert found["OWNSHIP_ISSUER"] == [made.settings["OWNSHIP_ISSUER"], "OWNSHIP_ISSUER"]
    assert found["OWNSHIP_DATABASE_URL"] == ["set", "OWNSHIP_DATABASE_URL"]
    journal = str(made.path / "erasures.jsonl")
    assert found["OWNSHIP_ERASURES"] == [journal, "default"]
    assert found["OWNSHIP_DPOP_NONCE"] == ["required", "default"]
    assert found["roles"][1]


@only_sqlite
def test_what_is_missing_is_said_with_what_to_run(home):
    done = home.run("doctor")
    assert done.code == 1
    assert "ownship init" in done.out
    assert rows(done.out)["disk"][0] == "BAD"


@only_sqlite_made
def test_no_secret_is_shown(made, tmp_path):
    url = tmp_path / "url"
    url.write_text(made.settings.pop("OWNSHIP_DATABASE_URL") + "\n")
    mail = "smtp://shop:hunter2@127.0.0.1:1"
    done = made.run("doctor", OWNSHIP_DATABASE_URL_FILE=str(url), OWNSHIP_MAIL=mail)
    found = rows(done.out)
    assert found["OWNSHIP_DATABASE_URL"] == ["set", "OWNSHIP_DATABASE_URL_FILE"]
    assert found["OWNSHIP_MAIL"] == ["set", "OWNSHIP_MAIL"]
    assert "hunter2" not in done.out + done.err
    assert (done.code, found["mail"][0]) == (1, "BAD")


@only_sqlite_made
def test_a_lost_key_ring_is_found(made):
    (made.path / "keys" / "ring.json").unlink()
    done = made.run("doctor")
    assert (done.code, rows(done.out)["keys"][0]) == (1, "BAD")
