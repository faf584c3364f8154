"""Explain each problem that an interface for apps may answer with, at the address it names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from portal import problems
from portal.answers import Page
from portal.language import N_, translate
from portal.visit import Visit
from vault.core.errors import NotAvailableError, VaultError

# What is said before any error of the vault can be raised.
_OUTSIDE: Final[Mapping[str, tuple[int, str]]] = {
    "not-found": (404, N_("There is nothing here. Compare the path with the documentation.")),
    "method-not-allowed": (
        405,
        N_("This method is not offered here. The header Allow names those."),
    ),
    "timeout": (408, N_("The request did not arrive within its time. Send it again.")),
    "wrong-host": (421, N_("This host is not served here. Use the vault's own address.")),
    "headers-too-large": (431, N_("The request has too many headers. Send fewer.")),
    "internal": (500, N_("Something went wrong inside the vault. Try again later.")),
}


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """Everything of `/problems/…`."""

    title: str
    code: str
    sentence: str
    status: int


async def show(visit: Visit) -> Page:
    """Show what a code means and what to do."""
    code = visit.params["code"]
    if code in _OUTSIDE:
        status, sentence = _OUTSIDE[code]
    else:
        known = {error.code: error for error in _tree(VaultError)}
        found = known.get(code)
        if found is None:
            raise NotAvailableError
        status, sentence = problems.status_of(found()), found.sentence
    page = ProblemPage(code, code, translate(visit.lang, sentence), status)
    return Page("problem.html", page)


def _tree(error: type[VaultError]) -> Iterator[type[VaultError]]:
    """Yield an error and all that derive from it; of two with one code the first stands for both."""
    for child in error.__subclasses__():
        yield from _tree(child)
    yield error
