"""The watch over statements finds what it should, and sweeps stand in one file."""

import uuid

import pytest
from sqlalchemy import delete, exists, insert, select, update

from tests.rules.tree import sources
from tests.statements import faults
from vault.store.consent import consent
from vault.store.customer import customer_key, standing
from vault.store.job import job
from vault.store.kek import kek
from vault.store.lease import lease
from vault.store.lookup import lookup
from vault.store.value import value

ONE = uuid.UUID(int=1)


@pytest.mark.parametrize(
    "statement",
    [
        select(value).where(value.c.customer_id == ONE),
        select(value).where(value.c.customer_id.in_([ONE])),
        select(value, consent)
        .join(consent, consent.c.customer_id == value.c.customer_id)
        .where(value.c.customer_id == ONE),
        select(customer_key)
        .join(kek, kek.c.kek_id == customer_key.c.kek_id)
        .where(customer_key.c.customer_id == ONE),
        insert(standing).values(customer_id=ONE),
        update(value).where(value.c.customer_id == ONE).values(source="told"),
        delete(value).where(value.c.customer_id == ONE),
        select(lookup).where(lookup.c.kind == 1),
        select(job).where(job.c.bucket == 1).with_for_update(skip_locked=True),
        select(kek).with_for_update(),
        select(standing).execution_options(sweep="why"),
    ],
    ids=str,
)
def test_what_one_node_can_answer_passes(statement):
    assert faults(statement) == []


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (select(value), "asks value of all customers"),
        (select(value).where(value.c.field == "x"), "asks value of all customers"),
        (
            select(value).where(~exists().where(consent.c.purpose == "x")),
            "asks consent of all customers",
        ),
        (update(value).values(source="told"), "asks value of all customers"),
        (delete(value).where(value.c.field == "x"), "asks value of all customers"),
        (
            select(lookup, standing).where(standing.c.customer_id == lookup.c.customer_id),
            "joins the families customer and lookup:idx",
        ),
        (select(job).with_for_update(), "locks job on all nodes"),
        (select(lease).where(lease.c.fence == 1).with_for_update(), "locks lease on all nodes"),
        (
            update(value).where(value.c.customer_id == ONE).values(customer_id=ONE),
            "moves rows of value to another place",
        ),
        (
            update(job).where(job.c.bucket == 1).values({job.c.bucket: 2}),
            "moves rows of job to another place",
        ),
    ],
    ids=str,
)
def test_what_many_nodes_refuse_is_found(statement, fault):
    assert fault in faults(statement)


def test_sweeps_stand_in_files_of_their_own():
    assert [
        source.path
        for source in sources()
        if "sweep=" in source.text and not source.path.startswith("vault/store/sweeps")
    ] == []
