"""Judge one try at a mailed code, counted before it is judged: five a code, thirty wrong a mailbox.

What a right code is worth is for those who mailed it.
Source: portal note, 6; security note, 8.
"""

from vault.core.errors import SignInRefusedError
from vault.crypto.tokens import token_hash
from vault.services import tries
from vault.services.deps import Deps
from vault.services.sign_in_row import is_code
from vault.store import commit
from vault.store import sign_in as store
from vault.store.engine import Conn
from vault.store.sign_in import SignInRow


async def guess(deps: Deps, code: str, *, browser: str) -> SignInRow:
    """Return the sign-in whose code this is; it is not used up yet.

    Args:
        deps: what a use case may touch.
        code: as typed.
        browser: the nonce of the browser.

    Raises:
        SignInRefusedError: wrong, used, too old, too many tries, or only links work.
    """
    typed = "".join(code.split())
    now = deps.clock.now()
    if not tries.may_try(deps.deployment + token_hash(browser)):
        raise SignInRefusedError

    async def work(conn: Conn) -> SignInRow | None:
        row = await store.guess(conn, token_hash(browser), now=now)
        if row is None or tries.only_links(row.address_idx):
            return None
        if await store.wrong_in_a_row(conn, row.address_idx) >= tries.ONLY_LINKS:
            return None
        if is_code(deps, row, browser=browser, code=typed):
            return row
        await store.count_wrong(conn, row.address_idx)
        tries.count_wrong(row.address_idx)
        return None

    row = await commit.claim(deps.database, work)
    if row is None:
        raise SignInRefusedError
    return row
