"""The sample orders and reviews are what their program writes, and the mapping takes them all."""

import csv
import io
from pathlib import Path

import pytest

from policies.compile import compile_
from tests.samples import orders
from tests.vaults import SAMPLE
from vault.cli.demo_vault import SAMPLES
from vault.services.import_mapping import parse

FILES = orders.files()
CODES = (SAMPLE, SAMPLE.with_name("sample-2026-11-3.yaml"))


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_sample_is_what_its_program_writes(name):
    assert (SAMPLES / name).read_text(encoding="utf-8") == FILES[name]
    assert len(FILES[name].encode()) <= 300_000


def test_every_order_is_a_customers_and_every_review_an_orders():
    rows = {
        name: list(csv.DictReader(io.StringIO((SAMPLES / name).read_text(encoding="utf-8"))))
        for name in ("customers.csv", "orders.csv", "reviews.csv")
    }
    ids = {row["id"] for row in rows["customers.csv"]}
    numbers = {row["number"] for row in rows["orders.csv"]}
    assert {row["customer"] for row in rows["orders.csv"]} <= ids
    assert {row["order"] for row in rows["reviews.csv"]} <= numbers
    assert "S-00001" in {row["customer"] for row in rows["orders.csv"]}
    assert len(numbers) == orders.ORDERS


@pytest.mark.parametrize("code", CODES, ids=lambda path: path.stem)
def test_the_mapping_of_the_shop_fits_each_sample_code(code: Path):
    rulebook = compile_(code.read_bytes(), name=code.name)
    mapping = parse((SAMPLES / "shop.yaml").read_bytes(), rulebook, name="shop.yaml")
    assert [one.shape.name for one in mapping.files] == ["customers", "orders", "reviews"]
    for file in mapping.files:
        text = (SAMPLES / f"{file.shape.name}.csv").read_text(encoding="utf-8")
        assert file.columns <= set(text.split("\n", 1)[0].split(","))


def test_customers_are_mapped_as_in_the_mapping_of_one_file():
    rulebook = compile_(SAMPLE.read_bytes(), name=SAMPLE.name)
    of_shop, alone = (
        parse((SAMPLES / name).read_bytes(), rulebook, name=name).files[0]
        for name in ("shop.yaml", "mapping.yaml")
    )
    assert (of_shop.cells, of_shop.consents) == (alone.cells, alone.consents)
