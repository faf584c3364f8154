"""Rows and tables agree: `Row(*columns)` and `columns_of` both rest on it."""

from dataclasses import fields

import pytest
from sqlalchemy import MetaData

from tests.store import rows
from vault.store import (
    app,
    attachment,
    code,
    consent,
    customer,
    import_progress,
    interaction,
    job,
    kek,
    lookup,
    mail,
    metadata,
    receipt,
    service_key,
    session,
    sign_in,
    value,
)
from vault.store.metadata import columns_of

PAIRS = [
    (app.app, app.AppRow),
    (app.app_state, app.AppStateRow),
    (attachment.attachment, attachment.AttachmentRow),
    (code.code, code.CodeRow),
    (consent.consent, consent.ConsentRow),
    (customer.standing, customer.StandingRow),
    (customer.customer_key, customer.CustomerKeyRow),
    (import_progress.import_progress, import_progress.ImportProgressRow),
    (interaction.interaction, interaction.InteractionRow),
    (job.job, job.JobRow),
    (kek.kek, kek.KekRow),
    (lookup.lookup, lookup.LookupRow),
    (mail.mail, mail.MailRow),
    (receipt.receipt, receipt.ReceiptRow),
    (service_key.service_key, service_key.ServiceKeyRow),
    (session.session, session.SessionRow),
    (sign_in.sign_in, sign_in.SignInRow),
    (value.value, value.ValueRow),
]
SHORTER = {"customer_id": "customer", "app_id": "app"}
STAMPS = {"standing.made_at", "customer_key.made_at", "value.written_at"}  # no row carries these


@pytest.mark.parametrize(("table", "row"), PAIRS, ids=lambda one: getattr(one, "name", ""))
def test_a_row_has_its_tables_columns_in_their_order(table, row):
    names = [
        SHORTER.get(column.name, column.name) for column in table.c if str(column) not in STAMPS
    ]
    assert [field.name for field in fields(row)] == names


def test_a_row_becomes_its_columns():
    one = rows.standing(rows.customer_id(), epoch=7)
    columns = columns_of(customer.standing, one, made_at=rows.NOW)
    assert columns["customer_id"] == one.customer
    assert (columns["epoch"], columns["made_at"]) == (7, rows.NOW)
    assert columns.keys() == set(customer.standing.c.keys())


def test_a_row_that_lacks_a_column_and_its_stamp_is_no_row():
    with pytest.raises(ValueError, match="zip"):
        columns_of(customer.standing, rows.standing(rows.customer_id()))


def test_a_table_of_no_known_family_has_no_place():
    table = customer.standing.to_metadata(MetaData(), name="lost")
    table.info = {"shard": "lost"}
    with pytest.raises(KeyError):
        metadata.placed_by(table)
