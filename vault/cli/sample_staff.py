"""Be a sample member of staff in a browser: sign in by a link of the demonstration, look, answer.

Forms are sent as the page has them, as the sample customer does.
"""

from pathlib import Path
from urllib.parse import urlsplit

from vault.cli.caller import Caller
from vault.cli.sample_customer import SampleCustomer, StepError


class SampleStaff(SampleCustomer):
    """One browser of a member of staff."""

    def __init__(self, caller: Caller, *, handle: str) -> None:
        """Look at nothing yet; `handle` is the pseudonym that customers see."""
        super().__init__(caller, mail=Path())
        self.handle = handle

    def enter(self, link: str) -> None:
        """Sign in by a link that works once."""
        path = urlsplit(link).path
        landed = self.send(path, path)
        if landed != "/console":
            raise StepError(f"signing in led to {landed}")

    def look(self, *, purpose: str, case: str, customer: str) -> str:
        """Look at a customer for a purpose and a case; returns the page."""
        here = "/console/customers"
        return self.page(self.send(here, here, purpose=purpose, case=case, customer=customer))
