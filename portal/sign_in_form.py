"""Read the forms of signing in, and title their pages: the same for customers and for staff.

What a right code is worth, and where one may go on, is for each door.
Source: portal note, 6 and 11.
"""

from pydantic import BaseModel, ConfigDict, Field

from portal.language import N_, translate


class Address(BaseModel):
    """The form that asks for a mailed code."""

    model_config = ConfigDict(frozen=True)

    email: str = Field(max_length=1000)
    next: str = ""
    fresh: str = ""


class Code(BaseModel):
    """The form for the digits."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(max_length=100)
    next: str = ""
    fresh: str = ""


def titled(lang: str, title: str, *, wrong: str) -> str:
    """Return a page's title; one that says what went wrong begins with it."""
    said = translate(lang, title)
    return translate(lang, N_("Error: {title}"), title=said) if wrong else said
