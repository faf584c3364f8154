"""The guard: one host, bounded bodies, single headers, HEAD as GET, and a last resort."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from vault import guard as guards
from vault.guard import MAX_BODY, Guard, Receive, Scope, Send

ISSUER = "https://vault.example"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the length of the body; `/fail` raises what nobody foresaw."""
    if scope["path"] == "/fail":
        secret = "ana@example.org"
        raise RuntimeError(secret)
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = f"{scope['method']} {size}".encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=Guard(echo, issuer=ISSUER))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER, trust_env=False) as one:
        yield one


async def test_each_answer_has_a_request_id_of_ours(client: httpx2.AsyncClient) -> None:
    answers = [await client.get("/", headers={"x-request-id": "theirs"}) for _ in range(2)]
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 2
    assert "theirs" not in ids


@pytest.mark.parametrize("host", ["evil.example", "localhost", "vault.example:8443", ""])
async def test_another_host_is_not_served(client: httpx2.AsyncClient, host: str) -> None:
    answer = await client.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert answer.json()["type"] == f"{ISSUER}/problems/wrong-host"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
async def test_probes_are_answered_on_the_loopback_too(
    client: httpx2.AsyncClient, host: str
) -> None:
    assert (await client.get("/healthz", headers={"host": host})).status_code == 200
    assert (await client.get("/healthz", headers={"host": "evil.example"})).status_code == 421


@pytest.mark.parametrize("name", ["authorization", "dpop", "content-type", "host", "cookie"])
async def test_a_header_that_may_stand_once_is_refused_twice(
    client: httpx2.AsyncClient, name: str
) -> None:
    headers = [(name, "a"), (name, "b")]
    assert (await client.get("/", headers=headers)).status_code == 400


async def test_more_headers_than_the_limit_are_refused(client: httpx2.AsyncClient) -> None:
    headers = {f"x-{number}": "1" for number in range(guards.MAX_HEADERS)}
    assert (await client.get("/", headers=headers)).status_code == 431


async def test_a_body_at_the_limit_passes_and_one_byte_more_does_not(
    client: httpx2.AsyncClient,
) -> None:
    assert (await client.post("/", content=b"x" * MAX_BODY)).text == f"POST {MAX_BODY}"
    assert (await client.post("/", content=b"x" * (MAX_BODY + 1))).status_code == 413


async def test_a_body_of_unsaid_length_is_counted(client: httpx2.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * 65_536

    assert (await client.post("/", content=parts())).status_code == 413


async def test_a_head_request_has_the_headers_of_get_and_no_body(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "5"


async def test_what_nobody_foresaw_is_a_problem_without_detail(
    client: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await client.get("/fail")
    assert (answer.status_code, answer.json()["title"]) == (500, "Internal error")
    assert "example.org" not in answer.text
    assert "example.org" not in "".join(capsys.readouterr())


async def test_a_body_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "BODY_SECONDS", 0.05)
    sent = []

    async def receive() -> dict[str, object]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "headers": [(b"host", b"vault.example")],
    }
    await Guard(echo, issuer=ISSUER)(scope, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 408


async def test_a_websocket_is_not_offered() -> None:
    async def nothing() -> dict[str, object]:
        raise AssertionError

    async def send(_: object) -> None:
        raise AssertionError

    await Guard(echo, issuer=ISSUER)({"type": "websocket"}, nothing, send)
