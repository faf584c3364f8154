"""Read one press of the page of own rules, and say what it changes.

What is offered and who presses is not known here; a press that no page of ours sends is refused.
"""

from functools import partial
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from policies.model import Term
from vault.core import own_terms
from vault.core.errors import BadRequestError, WrongValueError
from vault.core.own_terms import Rule
from vault.services import quiet
from vault.services.terms import Alter


class Press(BaseModel):
    """What a form of the page sends, beside its token."""

    model_config = ConfigDict(frozen=True)

    do: Literal[
        "purpose",
        "app",
        "channel",
        "mails",
        "switch",
        "quiet",
        "lapse",
        "at-most",
        "level",
        "undo",
        "signal",
    ]
    name: str = Field(default="", max_length=200)
    rule: Rule = Rule.OPEN
    start: str = Field(default="", max_length=20)
    end: str = Field(default="", max_length=20)
    zone: str = Field(default="", max_length=60)
    days: str = Field(default="", max_length=10)
    times: str = Field(default="", max_length=10)
    token: str = ""


def alter(form: Press) -> Alter:
    """Return what a press changes.

    Raises:
        BadRequestError: no page of ours sends this.
        WrongValueError: what was typed is no time, zone or number.
    """
    on = form.rule is not Rule.OPEN
    if form.do == "purpose":
        return partial(own_terms.of_purpose, purpose=form.name, rule=form.rule)
    if form.do == "app":
        return partial(own_terms.of_app, app=form.name, rule=form.rule)
    if form.do == "channel":
        return partial(own_terms.of_channel, channel=form.name, rule=form.rule)
    if form.do == "mails":
        return lambda _, now: own_terms.of_mails(now, form.name, wanted=not on)
    if form.do == "switch" and form.name in set(Term):
        return partial(own_terms.switch, term=Term(form.name), on=on)
    if form.do == "quiet":
        span = quiet.write(form.start, form.end, form.zone.strip()) if on else ""
        return partial(own_terms.quiet, span=span)
    if form.do == "lapse":
        return partial(own_terms.lapse, days=_number(form.days) if on else 0)
    if form.do == "at-most":
        return partial(own_terms.at_most, times=_number(form.times) if on else 0)
    raise BadRequestError


def _number(typed: str) -> int:
    text = typed.strip()
    if not (text.isascii() and text.isdigit()) or not int(text):
        raise WrongValueError
    return int(text)
