"""Check a receipt for whoever pastes one: good, bad or cannot tell, step by step, and how to do so alone.

Nobody is asked who they are, and nothing pasted is kept, logged or looked for among customers. The
answer stands on the page that the form returns, for a page with an address of its own would keep it.
Source: portal note, 2; consent-standards note, 2.2.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from portal import receipt_words as words
from portal.answers import Document, Page
from portal.language import N_, translate
from portal.state import Badge
from portal.visit import Visit
from portal.words import Moment, moment
from vault.core import receipt_schema
from vault.core.receipt import MAX_BYTES
from vault.core.receipt_check import Claimed, Flaw
from vault.services import receipt_check
from vault.services.receipt_check import Checked, Verdict

PATH: Final = "/receipts/check"
HERE: Final = "/receipts"
# A receipt of 256 KiB whose every byte is escaped in the form, and the form's other inputs.
MAX_FORM: Final = 3 * MAX_BYTES + 4096

_VERDICTS: Final = {
    Verdict.GOOD: (N_("This receipt is good"), "good", "on"),
    Verdict.BAD: (N_("This receipt is bad"), "bad", "off"),
    Verdict.CANNOT_TELL: (N_("We cannot tell"), "", "open"),
}
_STEPS: Final = (
    N_("It can be read, and in one way only."),
    N_("It has everything that the standard asks for."),
    N_("It is signed with a key of ours, and nothing was changed since."),
    N_("The words that were shown are kept here under the hash that it names."),
)
_FLAWS: Final = {
    Flaw.TOO_LARGE: (0, N_("It is larger than 256 KiB, which no receipt is.")),
    Flaw.NOT_JSON: (
        0,
        N_("It is not the text of a receipt. Copy all of it, from the first brace to the last."),
    ),
    Flaw.LACKS: (1, N_("It lacks something that no receipt lacks.")),
    Flaw.VERSION: (1, N_("It is of a version that we have never issued.")),
    Flaw.ADDRESS: (1, N_("Its address and its number do not belong together.")),
    Flaw.STATE: (1, N_("It tells of a decision that there cannot be.")),
    Flaw.TIME: (1, N_("It does not say when something was.")),
    Flaw.TERM: (1, N_("It uses a term that is none of the vocabulary's.")),
    Flaw.NOTICE: (1, N_("It does not name by a hash what was shown.")),
    Flaw.EVIDENCE: (1, N_("The evidence in it is not what it names.")),
    Flaw.SIGNATURE_FORM: (2, N_("Its signature is not that of a receipt.")),
    Flaw.SIGNER: (2, N_("It is signed with no key of ours.")),
    Flaw.SIGNATURE: (2, N_("The signature is of another text: something was changed.")),
    Flaw.BEFORE_KEY: (2, N_("It claims to be older than the key that signed it.")),
    Flaw.AFTER_KEY: (2, N_("It was signed after its key was retired.")),
}
_STATES: Final = {
    "ConsentGiven": N_("allowed"),
    "RenewedConsentGiven": N_("allowed again"),
    "ConsentRefused": N_("refused"),
    "ConsentWithdrawn": N_("stopped by the customer"),
    "ConsentExpired": N_("ended"),
    "ConsentRevoked": N_("stopped by the publisher"),
    "ConsentInvalidated": N_("found not valid"),
}


class _Pasted(BaseModel):
    model_config = ConfigDict(frozen=True)

    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the check."""

    words: str
    state: Badge
    why: str  # it failed; "" when it did not


@dataclass(frozen=True, slots=True)
class Result:
    """What the check came to."""

    words: str
    tone: str
    mark: str
    steps: tuple[Step, ...]
    issuer: str  # of a receipt that can be read; "" else
    purposes: tuple[str, ...]
    said: str  # the decision, in words
    at: Moment | None
    digest: str
    notices: tuple[str, ...]  # SHA-256 of those that are kept here
    elsewhere: str  # who can check it, when we cannot


@dataclass(frozen=True, slots=True)
class CheckPage:
    """Everything of `/receipts/check`."""

    title: str
    csrf: str
    text: str
    wrong: str
    result: Result | None


async def ask(visit: Visit) -> Page:
    """Show the form."""
    return _page(visit)


async def check(visit: Visit) -> Page:
    """Say what a pasted receipt is worth."""
    text = visit.form.read(_Pasted).receipt
    if not text.strip():
        return _page(visit, wrong=translate(visit.lang, N_("Paste the text of a receipt first.")))
    # A browser sends each line end as two characters; a receipt has none inside its texts.
    data = text.strip(" \t\r\n").replace("\r\n", "\n").encode()
    found = await receipt_check.check(visit.deps, data)
    return _page(visit, text=text, result=_result(visit, found))


async def schema(visit: Visit) -> Document:
    """Hand out the form of a receipt, to anybody and for ever."""
    return Document(receipt_schema.schema(visit.deps.issuer), receipt_schema.MEDIA_TYPE, "public")


def _page(visit: Visit, *, text: str = "", wrong: str = "", result: Result | None = None) -> Page:
    title = translate(visit.lang, N_("Check a receipt"))
    if result:
        title = result.words
    if wrong:
        title = translate(visit.lang, N_("Error: {title}"), title=title)
    page = CheckPage(title, visit.csrf(PATH), text, wrong, result)
    return Page("receipt_check.html", page, HERE, status=422 if wrong else 200)


def _result(visit: Visit, found: Checked) -> Result:
    lang, claimed = visit.lang, found.claimed
    said, tone, mark = _VERDICTS[found.verdict]
    is_good = found.verdict is Verdict.GOOD
    return Result(
        words=translate(lang, said),
        tone=tone,
        mark=mark,
        steps=_steps(found, lang),
        issuer=claimed.issuer if claimed else "",
        purposes=claimed.purposes if claimed and is_good else (),
        said=_said(claimed, lang) if claimed and is_good else "",
        at=moment(datetime.fromisoformat(claimed.at), lang) if claimed and is_good else None,
        digest=claimed.record_digest if claimed and is_good else "",
        notices=found.kept,
        elsewhere=claimed.issuer if claimed and found.verdict is Verdict.CANNOT_TELL else "",
    )


def _steps(found: Checked, lang: str) -> tuple[Step, ...]:
    """Return the steps: those before the flaw hold, those behind it were not taken."""
    failed, why = _FLAWS[found.flaw] if found.flaw else (len(_STEPS), "")
    if found.verdict is Verdict.CANNOT_TELL:
        failed, why = 2, N_("It is signed by somebody else, whose keys are not here.")
    taken = []
    for number, words_ in enumerate(_STEPS):
        is_open = number > failed or (number == failed and not found.flaw)
        is_open = is_open or (number == 3 and not found.kept)
        kind = "open" if is_open else "off" if number == failed else "on"
        label = {"on": N_("Holds"), "off": N_("Does not hold"), "open": N_("Not checked")}[kind]
        taken.append(
            Step(
                translate(lang, words_),
                Badge(translate(lang, label), kind, kind),
                _why(found, translate(lang, why)) if number == failed else "",
            )
        )
    return tuple(taken)


def _why(found: Checked, why: str) -> str:
    return f"{why} ({found.lacks})" if found.lacks else why


def _said(claimed: Claimed, lang: str) -> str:
    known = _STATES.get(claimed.state)
    return translate(lang, known) if known else words.term(claimed.state, lang)
