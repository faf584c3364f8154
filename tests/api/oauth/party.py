"""An app as a party to OAuth: its keys, assertions, proofs and requests, honest or not.

Written with the `cryptography` package alone, so that it shares no code with what it tests.
"""

import base64
import hashlib
import json
import uuid
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.vaults import ISSUER, FakeClock

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_URL = f"{ISSUER}/oauth/token"
DETAILS: list[dict[str, Any]] = [
    {
        "type": "profile_access",
        "purpose": "delivery",
        "actions": ["read"],
        "datatypes": ["contact.full_name", "contact.postal_address"],
    }
]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8))


class Key:
    """A private key for one algorithm."""

    def __init__(self, alg: str = "ES256", *, bits: int = 2048) -> None:
        self.alg = alg
        self.jwk: dict[str, str]
        if alg == "ES256":
            self._ec = ec.generate_private_key(ec.SECP256R1())
            point = self._ec.public_key().public_numbers()
            x, y = (b64(n.to_bytes(32)) for n in (point.x, point.y))
            self.jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
        elif alg == "Ed25519":
            self._ed = Ed25519PrivateKey.generate()
            x = b64(self._ed.public_key().public_bytes_raw())
            self.jwk = {"kty": "OKP", "crv": "Ed25519", "x": x}
        else:
            self._rsa = rsa.generate_private_key(65537, bits)
            numbers = self._rsa.public_key().public_numbers()
            self.jwk = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}

    def sign(self, message: bytes) -> bytes:
        if self.alg == "ES256":
            r, s = decode_dss_signature(self._ec.sign(message, ec.ECDSA(SHA256())))
            return r.to_bytes(32) + s.to_bytes(32)
        if self.alg == "Ed25519":
            return self._ed.sign(message)
        pss = padding.PSS(padding.MGF1(SHA256()), 32)
        return self._rsa.sign(message, pss, SHA256())

    @property
    def private(self) -> ec.EllipticCurvePrivateKey:
        """The key itself, for a process that signs much."""
        return self._ec

    @property
    def jkt(self) -> str:
        text = json.dumps(self.jwk, sort_keys=True, separators=(",", ":"))
        return b64(hashlib.sha256(text.encode()).digest())


def jwt(key: Key | None, claims: Any, header: dict[str, Any]) -> str:
    """A compact JWS; without a key the signature is empty."""
    head, body = (b64(json.dumps(part).encode()) for part in (header, claims))
    signature = b64(key.sign(f"{head}.{body}".encode())) if key else ""
    return f"{head}.{body}.{signature}"


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT says, unverified."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Party:
    """A registered app, and what it sends."""

    def __init__(self, clock: FakeClock, client_id: str = "delivery", alg: str = "ES256") -> None:
        self.clock = clock
        self.client_id = client_id
        self.key = Key(alg)
        self.proof_key = Key()
        self.nonces: dict[str, str] = {}  # role -> nonce

    def document(self, **change: Any) -> dict[str, Any]:
        """Its metadata; `ownship` members are changed by `own={…}`."""
        own = {
            "owner": "Logistics",
            "review_by": "2027-11-01",
            "daily_limit": 20000,
            "approved": [
                {
                    "purpose": "delivery",
                    "actions": ["read"],
                    "datatypes": [
                        "contact.full_name",
                        "contact.postal_address",
                        "contact.email",
                        "contact.phone",
                    ],
                    "retention": "P30D",
                },
                {
                    "purpose": "delivery",
                    "actions": ["write"],
                    "datatypes": ["contact.postal_address"],
                },
            ],
            **change.pop("own", {}),
        }
        return {
            "client_id": self.client_id,
            "client_name": "Delivery planner",
            "contacts": ["delivery@shop.example"],
            "jwks": {"keys": [{**self.key.jwk, "kid": "first", "alg": self.key.alg}]},
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": self.key.alg,
            "grant_types": ["client_credentials"],
            "dpop_bound_access_tokens": True,
            "scope": "profile.read profile.write consents.read events.read",
            "ownship": own,
            **change,
        }

    def metadata(self, **change: Any) -> bytes:
        return json.dumps(self.document(**change)).encode()

    def assertion(
        self, *, key: Key | None = None, header: dict[str, Any] | None = None, **change: Any
    ) -> str:
        """An assertion; a change to `...` leaves the claim out."""
        now = self.clock.seconds
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": uuid.uuid4().hex,
            **change,
        }
        claims = {name: value for name, value in claims.items() if value is not ...}
        signer = key or self.key
        return jwt(signer, claims, {"alg": signer.alg, "kid": "first", **(header or {})})

    def proof(
        self,
        method: str = "POST",
        url: str = TOKEN_URL,
        *,
        token: str | None = None,
        key: Key | None = None,
        header: dict[str, Any] | None = None,
        **change: Any,
    ) -> str:
        """A DPoP proof; a change to `...` leaves the claim out."""
        signer = key or self.proof_key
        claims = {"htm": method, "htu": url, "iat": self.clock.seconds, "jti": uuid.uuid4().hex}
        role = "rs" if token else "as"
        if token:
            claims["ath"] = b64(hashlib.sha256(token.encode()).digest())
        if role in self.nonces:
            claims["nonce"] = self.nonces[role]
        claims |= change
        claims = {name: value for name, value in claims.items() if value is not ...}
        head = {"typ": "dpop+jwt", "alg": signer.alg, "jwk": signer.jwk, **(header or {})}
        return jwt(signer, claims, head)

    def form(self, **change: Any) -> dict[str, str]:
        """A token request; a change to `...` leaves the parameter out."""
        form = {
            "grant_type": "client_credentials",
            "scope": "profile.read",
            "authorization_details": json.dumps(DETAILS),
            "client_assertion_type": ASSERTION_TYPE,
            **change,
        }
        form.setdefault("client_assertion", self.assertion())
        return {name: value for name, value in form.items() if value is not ...}

    def keep(self, role: str, answer: Any) -> None:
        """Keep the nonce of an answer."""
        if "dpop-nonce" in answer.headers:
            self.nonces[role] = answer.headers["dpop-nonce"]

    async def ask(self, client: Any, *, proof: str | None = None, **change: Any) -> Any:
        """Ask for a token once, with a nonce when one is known."""
        headers = {"dpop": proof or self.proof()}
        return await client.post("/oauth/token", data=self.form(**change), headers=headers)

    async def token(self, client: Any, **change: Any) -> str:
        """Get a token, as an honest client does: with the nonce of the first refusal."""
        answer = await self.ask(client, **change)
        if answer.status_code == 400 and answer.json()["error"] == "use_dpop_nonce":
            self.keep("as", answer)
            answer = await self.ask(client, **change)
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    async def call(
        self, client: Any, token: str, *, path: str = "/api/v1/whoami", **change: Any
    ) -> Any:
        """Call the API once."""
        proof = change.pop("proof", None)
        proof = proof or self.proof("GET", ISSUER + path, token=token, **change)
        headers = {"authorization": f"DPoP {token}", "dpop": proof}
        return await client.get(path, headers=headers)

    async def get(self, client: Any, token: str, *, path: str = "/api/v1/whoami") -> Any:
        """Call the API, as an honest client does."""
        answer = await self.call(client, token, path=path)
        if answer.status_code == 401 and answer.json()["type"].endswith("/use-dpop-nonce"):
            self.keep("rs", answer)
            answer = await self.call(client, token, path=path)
        return answer
