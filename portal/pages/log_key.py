"""Hand customers the key of their list, once they know what it can do, shortly after signing in.

Source: access-log note, 8; portal note, 6 (fresh sign-in).
"""

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from portal.answers import Document, Page
from portal.language import N_, translate
from portal.visit import Visit
from vault.core.place import LAST_LOG
from vault.services import log_key
from vault.services.log_key import SUFFIX, Log

HERE: Final = "/who-looked"
PATH: Final = "/who-looked/key"
MEDIA_TYPE: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class One:
    """A log and the key's file for it."""

    log: int
    origin: str
    verifier_key: str
    name: str  # of the file, as it is saved
    url: str  # where the log is fetched from
    retired: bool  # an older log, before a recovery


@dataclass(frozen=True, slots=True)
class LogKeyPage:
    """Everything of `/who-looked/key`."""

    title: str
    logs: tuple[One, ...]
    csrf: str


class _Wanted(BaseModel):
    model_config = ConfigDict(frozen=True)

    log: int = Field(ge=0, le=LAST_LOG)
    opens: Literal["yes", "no"]


async def ask(visit: Visit) -> Page:
    """Say what the key can do, and offer it."""
    logs = await log_key.every(visit.deps)
    page = LogKeyPage(
        title=translate(visit.lang, N_("The key of your list")),
        logs=tuple(_one(visit, one, retired=number > 0) for number, one in enumerate(logs)),
        csrf=visit.csrf(PATH),
    )
    return Page("log_key.html", page, HERE)


async def hand(visit: Visit) -> Document:
    """Hand the key over; that it was handed over is recorded before."""
    form = visit.form.read(_Wanted)
    text = await log_key.hand_over(
        visit.deps,
        visit.customer,
        form.log,
        opens=form.opens == "yes",
        request=visit.request_id,
    )
    return Document(text.encode(), MEDIA_TYPE, "page", filename=_name(form.log))


def _one(visit: Visit, one: Log, *, retired: bool) -> One:
    scheme = visit.deps.issuer.partition("://")[0]
    return One(
        log=one.log_id,
        origin=one.origin,
        verifier_key=one.verifier_key,
        name=_name(one.log_id),
        url=f"{scheme}://{one.origin}",
        retired=retired,
    )


def _name(log_id: int) -> str:
    return f"who-looked.{SUFFIX}" if log_id == 0 else f"who-looked-{log_id}.{SUFFIX}"
