"""A shop lays down its exports, and they are taken in beside a running server."""

import shutil
from pathlib import Path

from tests.stories.served import Served

DATA = Path(__file__).parents[1] / "data" / "import"


def test_exports_are_taken_in_while_the_server_answers(served: Served, tmp_path: Path) -> None:
    for name, file in (
        ("customers", "customers"),
        ("orders", "orders"),
        ("reviews", "order_reviews"),
    ):
        shutil.copy(DATA / f"{file}.csv", tmp_path / f"{name}-2026-11-27.csv")
    mapping = str(DATA / "mapping.yaml")
    words = ("import-folder", mapping, str(tmp_path), "--once", "--settled", "PT0S")
    said = served.run(*words, status=1)
    assert "4 customers added" in said
    assert "4 interactions added" in said
    assert served.get("/readyz") == 200
    assert served.run(*words) == ""
