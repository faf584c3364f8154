"""Answer every address of the console that is none as one that a role may not see: 404."""

from typing import NoReturn

from portal.console.visit import StaffVisit
from vault.core.errors import NotAvailableError


async def show(_visit: StaffVisit) -> NoReturn:
    """Say that nothing is here.

    Raises:
        NotAvailableError: always.
    """
    raise NotAvailableError
