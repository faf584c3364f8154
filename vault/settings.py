"""Read the environment into frozen settings, and refuse what is unsafe, before anything starts.

Only `OWNSHIP_…` variables count; `OWNSHIP_X_FILE` gives `OWNSHIP_X` from a file. Unknown names are
refused with the nearest known one, because a misspelt setting would silently mean its default.
Source: DESIGN 4; ecosystem note, 6.
"""

import difflib
import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from vault.core.card import is_range

PREFIX = "OWNSHIP_"
MAX_SECRET_FILE = 65_536  # bytes


class SettingsError(Exception):
    """The environment cannot be used; the text says which name and what to write."""


class Settings(BaseModel):
    """What an operator may set; each has a safe default or the start is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path = Field(Path("var"), description="Folder of the SQLite file, key ring and mail.")
    issuer: str = Field(
        "http://localhost:8000", description="Public origin: scheme, host and port, no path."
    )
    database_url: SecretStr | None = Field(
        None,
        description="`sqlite:///FILE` or `postgresql://…`; default: SQLite in the home folder.",
    )
    owner_database_url: SecretStr | None = Field(
        None, description="Database as its owner, for `init` and `migrate`; default: database_url."
    )
    leader_database_url: SecretStr | None = Field(
        None, description="Database for integrator and jobs; default: database_url."
    )
    keys: str | None = Field(
        None, description="Key provider: `file:PATH`; default: `keys/ring.json` in the home folder."
    )
    mail: str | None = Field(
        None,
        description="`smtp://HOST:PORT`, `smtps://…` or `file:FOLDER`; default: `mail` at home.",
    )
    mail_from: str = Field("vault@localhost", description="Sender's address of every mail.")
    erasures: Path | None = Field(
        None,
        description="Journal of erasures, outside of the database and its backups; default: "
        "`erasures.jsonl` in the home folder.",
    )
    mirror: Path | None = Field(
        None,
        description="Folder that the log is copied to, outside of the database and its backups; "
        "default: `mirror` in the home folder.",
    )
    trusted_proxies: str = Field(
        "", description="Addresses of proxies whose X-Forwarded-For counts for rate limits."
    )
    dpop_nonce: Literal["required", "off"] = Field(
        "required", description="Whether DPoP proofs must carry a nonce of ours."
    )

    hot_route: Literal["on", "off"] = Field(
        "on", description="Whether reads of one profile skip the framework; same answers."
    )
    log_wait: Literal["recorded", "integrated"] = Field(
        "recorded",
        description="What the answer to a look waits for: its durable record, or a checkpoint too.",
    )
    witnesses: str = Field(
        "", description="Witnesses of the access log: `KEY URL` each, commas between them."
    )
    leave_to: str = Field(
        "https://example.org",
        description="Neutral page that *Leave now* of the portal leads to: `https://…`.",
    )

    card_range: str = Field(
        "9",
        description="Digits that the numbers of new loyalty cards begin with, 1 to 8 of them; "
        "no bank's card begins with 9.",
    )

    @field_validator("card_range")
    @classmethod
    def _digits(cls, value: str) -> str:
        if is_range(value):
            return value
        msg = "write 1 to 8 digits, such as 9"
        raise ValueError(msg)

    @field_validator("leave_to")
    @classmethod
    def _neutral(cls, value: str) -> str:
        parts = urlsplit(value)
        plain = value.isascii() and value.isprintable() and not set(value) & set(" \"';<>\\")
        if plain and parts.scheme == "https" and parts.hostname and not parts.username:
            return value
        msg = "write the address of a page, such as https://example.org"
        raise ValueError(msg)

    @field_validator("witnesses")
    @classmethod
    def _named(cls, value: str) -> str:
        for one in value.split(",") if value else ():
            key, _, url = one.strip().partition(" ")
            parts = urlsplit(url)
            plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
            if key.count("+") < 2 or not (plain or parts.scheme == "https") or not parts.hostname:
                msg = "write a witness as its verifier key, a space and its https address"
                raise ValueError(msg)
        return value

    @field_validator("issuer")
    @classmethod
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.path or parts.query or parts.fragment or parts.username or not parts.hostname:
            msg = "write an origin only, such as https://vault.example"
            raise ValueError(msg)
        if value != value.lower():
            msg = "write the origin in lower case"
            raise ValueError(msg)
        if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname)):
            return value
        msg = "use https; http is for a loopback host alone"
        raise ValueError(msg)

    @model_validator(mode="after")
    def _known_schemes(self) -> Self:
        for url in (self.database_url, self.owner_database_url, self.leader_database_url):
            if url and not url.get_secret_value().startswith(("sqlite:///", "postgresql://")):
                msg = "a database URL begins with sqlite:/// or postgresql://"
                raise ValueError(msg)
        if self.keys and not self.keys.startswith("file:"):
            msg = "keys must be file:PATH"
            raise ValueError(msg)
        if self.mail and not self.mail.startswith(("file:", "smtp://", "smtps://")):
            msg = "mail must be file:FOLDER, smtp://HOST:PORT or smtps://HOST:PORT"
            raise ValueError(msg)
        return self

    @property
    def database(self) -> str:
        """Return the URL that the app uses."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.home / 'vault.sqlite').absolute()}"

    @property
    def owner_database(self) -> str:
        """Return the URL that owns the tables."""
        return (
            self.owner_database_url.get_secret_value() if self.owner_database_url else self.database
        )

    @property
    def leader_database(self) -> str:
        """Return the URL that integrates the log."""
        url = self.leader_database_url
        return url.get_secret_value() if url else self.database

    @property
    def key_provider(self) -> str:
        """Return `file:PATH` of the key ring."""
        return self.keys or f"file:{(self.home / 'keys' / 'ring.json').absolute()}"

    @property
    def mail_transport(self) -> str:
        """Return where mail goes."""
        return self.mail or f"file:{(self.home / 'mail').absolute()}"


def is_loopback(host: str) -> bool:
    """Say whether a host name means this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read(environment: Mapping[str, str]) -> Settings:
    """Make settings from environment variables.

    Raises:
        SettingsError: for an unknown name, a bad value, or a secret given twice. The text names
            the variable and never repeats its value.
    """
    known = {name.upper() for name in Settings.model_fields}
    given: dict[str, Any] = {}
    for name, value in environment.items():
        if not name.startswith(PREFIX):
            continue
        short = name.removeprefix(PREFIX)
        from_file = short.removesuffix("_FILE")
        if short in known:
            _once(given, short, value)
        elif short != from_file and from_file in known:
            _once(given, from_file, _secret(name, value))
        else:
            near = difflib.get_close_matches(short, known, n=1)
            advice = f" Did you mean {PREFIX}{near[0]}?" if near else ""
            msg = f"{name} is not a setting.{advice}"
            raise SettingsError(msg)
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        where = PREFIX + str(first["loc"][0]).upper() if first["loc"] else "The settings"
        what = str(first["msg"]).removeprefix("Value error, ")
        msg = f"{where}: {what}."
        raise SettingsError(msg) from None


def _once(given: dict[str, Any], short: str, value: str) -> None:
    if short.lower() in given:
        msg = f"{PREFIX}{short} is set twice, by itself and by {PREFIX}{short}_FILE. Keep one."
        raise SettingsError(msg)
    given[short.lower()] = value


def _secret(name: str, path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(MAX_SECRET_FILE).removesuffix("\n")
    except (OSError, UnicodeDecodeError):
        msg = f"{name} names a file that cannot be read."
        raise SettingsError(msg) from None
