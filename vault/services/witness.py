"""Ask witnesses to cosign each checkpoint, so that nobody can be shown another log.

1. a witness is told the size that it cosigned last, with the proof that the checkpoint continues it;
2. it answers with its signature lines, or (409) with the size that it knows, and is asked again;
3. lines of known keys are verified, and kept behind the log's own signature.

Witnesses follow publication and never hold it up: one that is away is asked again with the next
checkpoint. One that refuses is an alarm: it may have seen a log that we do not show any more.
Source: c2sp.org/tlog-witness; access-log note, 7; docs/log.md.
"""

import asyncio
import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import httpx2
import structlog

from vault.core.errors import SignatureError, VaultError
from vault.core.ids import LogId
from vault.core.merkle import ProofError
from vault.crypto.cosignature import WitnessKey
from vault.services import log_tree
from vault.services.checkpoints import Signed
from vault.store import checkpoint, commit
from vault.store.engine import Conn, Database

SECONDS: Final = 5.0  # for one answer
TRIES: Final = 3  # a witness that another process of ours asked meanwhile knows a newer size
MAX_ANSWER: Final = 65_536  # bytes

ALARM_REFUSED: Final = "log-witness-refused"  # it does not know us, or does not believe us
ALARM_AHEAD: Final = "log-witness-ahead"  # it has cosigned more than we have: a restore or a fork
ALARM_SIGNATURE: Final = "log-witness-signature"  # its answer is not what it should have signed

_SIZE: Final = re.compile("0|[1-9][0-9]{0,18}")

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Witness:
    """One witness: the key that the operator knows, and where it listens."""

    key: WitnessKey
    url: str  # submission prefix, without a slash at its end


class Witnesses:
    """All witnesses of one log, and the size that each cosigned last."""

    def __init__(self, database: Database, witnesses: Sequence[Witness], *, log_id: LogId) -> None:
        """Prepare; nothing is sent before `follow`."""
        self._database = database
        self._log_id = log_id
        self._witnesses = witnesses
        self._sizes = dict.fromkeys(witnesses, 0)

    async def follow(self, signed: Signed) -> None:
        """Have a checkpoint cosigned by whoever answers, and keep what they signed."""
        async with httpx2.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            answers = await asyncio.gather(
                *(self._asked(client, one, signed) for one in self._witnesses)
            )
        known = signed.text.split("\n")
        lines = [line for answer in answers for line in answer if line not in known]
        if not lines:
            return
        text = signed.text + "".join(f"{line}\n" for line in lines)

        async def keep(conn: Conn) -> None:
            await checkpoint.cosign(conn, self._log_id, signed.size, text)

        await commit.records(self._database, keep)

    async def _asked(
        self, client: httpx2.AsyncClient, witness: Witness, signed: Signed
    ) -> list[str]:
        """Return the verified lines of one witness; none when it is away or refuses."""
        name = witness.key.name
        try:
            async with asyncio.timeout(TRIES * SECONDS):
                return await self._cosigned(client, witness, signed)
        except (httpx2.HTTPError, TimeoutError) as error:
            logger.warning("log-witness-away", detail=name, error=type(error).__name__)
        except ProofError:
            logger.critical(ALARM_AHEAD, detail=name)
        except SignatureError:
            logger.critical(ALARM_SIGNATURE, detail=name)
        except VaultError as error:
            logger.warning("log-witness-waits", detail=name, error=error.code)
        return []

    async def _cosigned(
        self, client: httpx2.AsyncClient, witness: Witness, signed: Signed
    ) -> list[str]:
        for _ in range(TRIES):
            body = await self._request(self._sizes[witness], signed)
            status, answer = await _post(client, f"{witness.url}/add-checkpoint", body)
            if status == httpx2.codes.OK:
                lines = _verified(witness.key, answer, signed.checkpoint.body())
                self._sizes[witness] = signed.size
                return lines
            size = answer.decode("ascii", "replace").removesuffix("\n")
            if status != httpx2.codes.CONFLICT or not _SIZE.fullmatch(size):
                logger.critical(ALARM_REFUSED, detail=witness.key.name, error=str(status))
                return []
            self._sizes[witness] = int(size)
        return []

    async def _request(self, old: int, signed: Signed) -> bytes:
        """Return what is sent.

        Raises:
            ProofError: the witness knows more than we have.
        """
        proof: list[bytes] = []
        if old:
            async with self._database.connect() as conn:
                proof = await log_tree.consistency(conn, self._log_id, old, signed.checkpoint)
        lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof), ""]
        return "".join(f"{line}\n" for line in lines).encode() + signed.text.encode()


async def _post(client: httpx2.AsyncClient, url: str, body: bytes) -> tuple[int, bytes]:
    """Return status and body; an answer that is too long is cut, and verifies as nothing."""
    answer = b""
    async with client.stream("POST", url, content=body) as response:
        async for piece in response.aiter_bytes():
            answer += piece
            if len(answer) > MAX_ANSWER:
                break
    return response.status_code, answer[:MAX_ANSWER]


def _verified(key: WitnessKey, answer: bytes, body: bytes) -> list[str]:
    """Return the lines by this key; a witness may sign with others too, which nobody asked for.

    Raises:
        SignatureError: one is malformed or wrong, or none is by this key.
    """
    try:
        *lines, end = answer.decode().split("\n")
    except UnicodeDecodeError:
        raise SignatureError from None
    found = [line for line in lines if key.check(line, body)]
    if end or not found:
        raise SignatureError
    return found
