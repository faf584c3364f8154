"""Take the choice of a language in the console, and go back to the page where it was chosen.

It is kept in the browser alone: no letter to staff is written in it, so the account need not know.
Source: portal note, 12.
"""

from pydantic import BaseModel, ConfigDict

from portal import language
from portal.answers import Cookie, Go
from portal.console.visit import StaffVisit
from portal.pages.language import checked
from vault.core.errors import BadRequestError


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True)

    csrf: str = ""
    lang: str
    back: str


async def choose(visit: StaffVisit) -> Go:
    """Remember the language; a page that is none of the console leads to its first one."""
    form = visit.form.read(_Wish)
    if form.lang not in language.LANGUAGES:
        raise BadRequestError
    back = checked(form.back)
    inside = back.partition("?")[0].startswith("/console/")
    return Go(back if inside else "/console", (Cookie("lang", form.lang),))
