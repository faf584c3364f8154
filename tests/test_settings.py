"""Settings: safe defaults, or a refusal that says what to write."""

from pathlib import Path

import pytest

from vault.settings import Settings, SettingsError, read


def test_defaults_are_a_vault_on_this_machine(tmp_path: Path) -> None:
    settings = read({"OWNSHIP_HOME": str(tmp_path)})
    assert settings.issuer == "http://localhost:8000"
    assert settings.database == f"sqlite:///{tmp_path}/vault.sqlite"
    assert settings.owner_database == settings.leader_database == settings.database
    assert settings.key_provider == f"file:{tmp_path}/keys/ring.json"
    assert settings.mail_transport == f"file:{tmp_path}/mail"
    assert settings.dpop_nonce == "required"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("OWNSHIP_ISUER", "x", "Did you mean OWNSHIP_ISSUER?"),
        ("OWNSHIP_NOTHING_LIKE_IT", "x", "is not a setting."),
        ("OWNSHIP_ISSUER", "http://vault.example", "use https"),
        ("OWNSHIP_ISSUER", "https://vault.example/", "write an origin only"),
        ("OWNSHIP_ISSUER", "https://vault.example/path", "write an origin only"),
        ("OWNSHIP_ISSUER", "https://user@vault.example", "write an origin only"),
        ("OWNSHIP_ISSUER", "https://Vault.example", "lower case"),
        ("OWNSHIP_ISSUER", "vault.example", "write an origin only"),
        ("OWNSHIP_DATABASE_URL", "mysql://secret@db", "sqlite:/// or postgresql://"),
        ("OWNSHIP_KEYS", "vault:secret", "file:PATH"),
        ("OWNSHIP_MAIL", "http://mail", "smtp://HOST:PORT"),
        ("OWNSHIP_DPOP_NONCE", "sometimes", "OWNSHIP_DPOP_NONCE"),
        ("OWNSHIP_KEYS_FILE", "/no/such/file", "cannot be read"),
    ],
)
def test_what_is_unsafe_or_misspelt_is_refused(name: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read({name: value})
    assert words in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_secret_may_come_from_a_file_but_not_twice(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://app:pass@db/vault\n")
    given = {"OWNSHIP_DATABASE_URL_FILE": str(file)}
    assert read(given).database == "postgresql://app:pass@db/vault"
    with pytest.raises(SettingsError, match="set twice"):
        read({**given, "OWNSHIP_DATABASE_URL": "sqlite:///x"})


def test_other_programs_variables_are_nothing_to_us() -> None:
    assert read({"PATH": "/bin", "OWNERSHIP": "x"}) == Settings()


def test_a_secret_is_not_shown() -> None:
    settings = read({"OWNSHIP_DATABASE_URL": "postgresql://app:pass@db/vault"})
    assert "pass" not in repr(settings)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().issuer = "https://other.example"  # type: ignore[misc]


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9", "http://[::1]:9", "http://localhost"])
def test_plain_http_is_for_this_machine_alone(issuer: str) -> None:
    assert read({"OWNSHIP_ISSUER": issuer}).issuer == issuer
