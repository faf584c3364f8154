"""Be a sample app: get a token with a signed assertion and a proof, and read with both.

The whole protocol as docs/oauth.md has it, in the order in which an app meets it: an assertion for
the token endpoint, a proof for each request, and the server's nonce in the next proof.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vault.cli.caller import Caller
from vault.core import canonical
from vault.crypto import base64url, jws
from vault.crypto.random import random_bytes, token
from vault.crypto.signing import SigningKey
from vault.wiring import SystemClock

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NONCE: Final = "use_dpop_nonce"
LIFE: Final = 60  # seconds of an assertion


@dataclass(frozen=True, slots=True)
class Reply:
    """What the vault answered."""

    status: int
    body: Any  # JSON
    text: str
    request_id: str


@dataclass(slots=True)
class SampleApp:
    """One app with its key, its token and the nonces that it was given."""

    caller: Caller
    client_id: str
    key: SigningKey
    _nonces: dict[str, str] = field(default_factory=dict)
    _token: str = ""

    def authorize(
        self,
        purpose: str,
        datatypes: Sequence[str],
        *,
        scope: str = "profile.read",
        action: str = "read",
    ) -> Reply:
        """Get a token for one action; returns the token endpoint's answer."""
        details = [
            {
                "type": "profile_access",
                "purpose": purpose,
                "actions": [action],
                "datatypes": list(datatypes),
            }
        ]
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "scope": scope,
            "authorization_details": json.dumps(details),
        }
        reply = self._ask_token(form)
        if reply.status == 400 and reply.body.get("error") == NONCE:
            reply = self._ask_token(form)
        if reply.status == 200:
            self._token = reply.body["access_token"]
        return reply

    def read(self, customer: str, purpose: str, names: Sequence[str] = ()) -> Reply:
        """Read a profile, or some fields of it."""
        query = {"purpose": purpose} | ({"fields": ",".join(names)} if names else {})
        return self._call("GET", f"/api/v1/customers/{customer}/profile", query=query)

    def read_many(self, customers: Sequence[str], purpose: str) -> Reply:
        """Read many profiles at once."""
        body = {"purpose": purpose, "customers": list(customers)}
        return self._call("POST", "/api/v1/profiles:batch", json=body)

    def look_up(self, purpose: str, field: str, value: str) -> Reply:
        """Read the profile of whoever has an identifier, as a till does with a card."""
        body = {"purpose": purpose, "identifier": {"field": field, "value": value}}
        return self._call("POST", "/api/v1/profiles:lookup", json=body)

    def note(self, customer: str, event: dict[str, Any]) -> Reply:
        """Append a contact event."""
        return self._call("POST", f"/api/v1/customers/{customer}/interactions", json=event)

    def _ask_token(self, form: dict[str, str]) -> Reply:
        now = _seconds()
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.caller.origin,
            "iat": now,
            "exp": now + LIFE,
            "jti": token(),
        }
        assertion = jws.sign(self.key, canonical.dumps(claims), header={"typ": "JWT"})
        proof = self._proof("POST", "/oauth/token", now)
        answer = self.caller.post(
            "/oauth/token", form=form | {"client_assertion": assertion}, headers={"DPoP": proof}
        )
        return self._kept("/oauth", answer)

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        json: Any = None,  # noqa: ANN401  whatever JSON holds
    ) -> Reply:
        reply = self._once(method, path, query=query, json=json)
        if reply.status == 401 and "/use-dpop-nonce" in reply.body.get("type", ""):
            reply = self._once(method, path, query=query, json=json)
        return reply

    def _once(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None,
        json: Any,  # noqa: ANN401
    ) -> Reply:
        now = _seconds()
        headers = {
            "Authorization": f"DPoP {self._token}",
            "DPoP": self._proof(method, path, now, access=self._token),
        }
        if method == "GET":
            answer = self.caller.get(path, query=query, headers=headers)
        else:
            answer = self.caller.post(path, json=json, headers=headers)
        return self._kept("/api", answer)

    def _proof(self, method: str, path: str, now: int, *, access: str = "") -> str:
        claims: dict[str, object] = {
            "htm": method,
            "htu": self.caller.origin + path,
            "iat": now,
            "jti": token(),
        }
        nonce = self._nonces.get(path.split("/")[1])
        if nonce:
            claims["nonce"] = nonce
        if access:
            claims["ath"] = base64url.encode(hashlib.sha256(access.encode()).digest())
        header = {"typ": "dpop+jwt", "jwk": dict(self.key.jwk.members)}
        return jws.sign(self.key, canonical.dumps(claims), header=header)

    def _kept(self, role: str, answer: Any) -> Reply:  # noqa: ANN401  the client's own type
        if nonce := answer.headers.get("DPoP-Nonce"):
            self._nonces[role.strip("/")] = nonce
        try:
            body = answer.json()
        except ValueError:
            body = {}
        return Reply(answer.status_code, body, answer.text, answer.headers.get("X-Request-Id", ""))


def _seconds() -> int:
    return int(SystemClock().now().timestamp())


def make_key(path: Path) -> SigningKey:
    """Make a private key in a file that nobody else may read, or read the one that is there."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        seed = random_bytes(32)
        public = dict(SigningKey(seed).jwk.members)
        document = json.dumps(public | {"d": base64url.encode(seed)})
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(document)
    return SigningKey(base64url.decode(json.loads(path.read_text())["d"]))
