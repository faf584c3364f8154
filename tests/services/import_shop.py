"""Import several files that refer to each other, for the tests of how that goes."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from policies.model import Rulebook
from tests.vaults import RULEBOOK
from vault.core.ids import CustomerId
from vault.services import import_refs, importing
from vault.services.deps import Deps
from vault.services.import_done import Progress, Run
from vault.services.import_form import look
from vault.services.import_mapping import parse
from vault.services.import_source import examine

DATA = Path(__file__).parents[1] / "data" / "import"
FILES = {"customers": "customers.csv", "orders": "orders.csv", "reviews": "order_reviews.csv"}


def shop(folder: Path) -> dict[str, Path]:
    """Copy the sample files, so that refusals do not land among them."""
    return {name: Path(shutil.copy(DATA / file, folder / file)) for name, file in FILES.items()}


async def run(
    deps: Deps,
    files: Mapping[str, Path],
    *,
    mapping: bytes | None = None,
    dry: bool = False,
    rulebook: Rulebook = RULEBOOK,
    report: Callable[[Progress], None] = lambda _: None,
) -> dict[str, Progress]:
    """Import the files that are given, in the order of their joins."""
    text = mapping or (DATA / "mapping.yaml").read_bytes()
    together = Run(dry=dry)
    done = {}
    for rules in parse(text, rulebook, name="mapping.yaml").files:
        name = rules.shape.name
        if name in files:
            source = examine(files[name], mapping=text, name=name)
            done[name] = await importing.run(
                deps,
                rules,
                source,
                form=look(files[name], rules),
                rulebook=rulebook,
                together=together,
                report=report,
            )
    return done


def refused(file: Path) -> list[str]:
    """Return the lines of what was refused."""
    path = file.with_name(file.name + ".refused.csv")
    return path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []


async def customer_of(deps: Deps, key: str, file: str = "customers") -> CustomerId | None:
    """Return the customer that a row became."""
    ref = import_refs.of_key(deps, file, column="", text=key)
    async with deps.database.connect() as conn:
        found = await import_refs.find_many(conn, deps, [ref])
    return found[ref.idx].customer if ref.idx in found else None
