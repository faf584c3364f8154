"""Take the choice of a language, remember it, and go back to the page where it was chosen.

It is kept in the browser, and for a signed-in customer with the account, so that letters are
written in it too. Without a session nothing but a cookie is set, so the form needs no secret then.
Source: portal note, 12.
"""

import re
from typing import Final

from pydantic import BaseModel, ConfigDict

from portal import language
from portal.answers import Cookie, Go
from portal.visit import Visit
from vault.core.errors import BadRequestError
from vault.services import portal_choice

# A path of this server: one slash, and nothing that a browser reads as the beginning of a host.
_BACK: Final = re.compile(r"/(?:[A-Za-z0-9._~%-][A-Za-z0-9._~%/-]*)?(?:\?[A-Za-z0-9._~%&=+:-]*)?")
_MOST: Final = 1_000  # characters


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True)

    csrf: str = ""
    lang: str
    back: str


async def choose(visit: Visit) -> Go:
    """Remember the language; a page that is none of ours leads to the first one."""
    form = visit.form.read(_Wish)
    if form.lang not in language.LANGUAGES:
        raise BadRequestError
    if visit.session:
        await portal_choice.save_lang(visit.deps, visit.customer, form.lang)
    return Go(checked(form.back), (Cookie("lang", form.lang),))


def checked(back: str) -> str:
    r"""Return an address of this server, and "/" for anything else.

    >>> checked("/who-looked?app=shop"), checked("//evil.example"), checked("/\\evil.example")
    ('/who-looked?app=shop', '/', '/')
    """
    return back if len(back) <= _MOST and _BACK.fullmatch(back) else "/"
