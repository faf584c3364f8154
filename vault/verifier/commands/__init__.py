"""The commands of the checker, one module each: `add` says how it is called and what checks it.

A command returns the sentence that says what holds, or raises one of `errors.py`. A new one is a
module with `add`, and one line in `TABLE`.
Source: access-log note, 12.
"""

from vault.verifier.commands import (
    certificate,
    checkpoint,
    consistency,
    entry_receipt,
    fetch,
    log,
    proof,
    receipt,
    replay,
    replay_note,
    scan,
    store,
)

TABLE = (
    fetch.add,
    log.add,
    checkpoint.add,
    consistency.add,
    proof.add,
    scan.add,
    replay.add,
    replay_note.add,
    store.add,
    entry_receipt.add,
    receipt.add,
    certificate.add,
)
