"""No two places have the same context, whatever the parts are."""

from itertools import combinations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.material import CUSTOMER, DEPLOYMENT, ELSEWHERE, SOMEONE_ELSE
from vault.crypto import context
from vault.crypto.field import SealedValue

IDS = st.uuids()
TEXT = st.text(max_size=20)
DEPLOYMENTS = st.sampled_from([DEPLOYMENT, ELSEWHERE])
VALUES = st.tuples(
    st.just("value"), DEPLOYMENTS, IDS, IDS, st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1),
    st.binary(min_size=6, max_size=6), TEXT,
)  # fmt: skip
KEYS = st.tuples(
    st.just("key"), DEPLOYMENTS, st.binary(min_size=18, max_size=18), IDS,
    st.integers(0, 2**32 - 1), TEXT,
)  # fmt: skip
ENTRIES = st.tuples(st.just("entry"), st.binary(min_size=112, max_size=112), TEXT)
RINGS = st.tuples(st.just("ring"), DEPLOYMENTS)
EXPORTS = st.tuples(st.just("export"), DEPLOYMENTS, IDS, st.binary(min_size=20, max_size=20))
RECEIPTS = st.tuples(
    st.just("receipt"), DEPLOYMENTS, IDS, IDS, st.binary(min_size=6, max_size=6)
)  # fmt: skip
ATTACHMENTS = st.tuples(
    st.just("attachment"), DEPLOYMENTS, IDS, IDS, st.binary(min_size=6, max_size=6), TEXT
)  # fmt: skip
MAILS = st.tuples(st.just("mail"), DEPLOYMENTS, IDS, st.binary(min_size=6, max_size=6), TEXT)
CURSORS = st.tuples(st.just("cursor"), DEPLOYMENTS, TEXT)
LATE_FORMS = st.tuples(st.just("late_form"), DEPLOYMENTS, IDS)
KEKS = st.tuples(st.just("kek"), st.dictionaries(st.sampled_from(["a", "b"]), TEXT))
PLACES = st.one_of(
    VALUES, KEYS, ENTRIES, RINGS, EXPORTS, RECEIPTS, ATTACHMENTS, MAILS, CURSORS, LATE_FORMS, KEKS
)


def written(place: tuple) -> bytes:
    """Return the context of a drawn place."""
    kind, *parts = place
    if kind == "value":
        deployment, customer, value_id, schema, row_version, header, path = parts
        prefix = context.value_prefix(deployment, customer)
        made = context.value(prefix, value_id, schema, row_version, header + path.encode())
        row = SealedValue(path, value_id, schema, row_version, header)
        assert context.value_each(prefix, header, [row, row]) == [made, made]
        return made
    if kind == "receipt":
        deployment, customer, receipt_id, header = parts
        return context.receipt(deployment, customer, receipt_id=receipt_id, header=header)
    if kind == "attachment":
        deployment, customer, attachment_id, header, field = parts
        return context.attachment(
            deployment, customer, attachment_id=attachment_id, header=header, field=field
        )
    if kind == "mail":
        deployment, mail_id, header, template = parts
        return context.mail(deployment, mail_id, header=header, template=template)
    return getattr(context, kind)(*parts)


@given(PLACES, PLACES)
def test_two_places_never_share_a_context(first, second):
    assert (written(first) == written(second)) is (first == second)


@given(st.data())
def test_two_places_of_one_kind_never_share_a_context(data):
    kind = data.draw(
        st.sampled_from([VALUES, KEYS, ENTRIES, EXPORTS, RECEIPTS, MAILS, CURSORS, LATE_FORMS])
    )
    first, second = data.draw(kind), data.draw(kind)
    assert (written(first) == written(second)) is (first == second)


def test_a_part_moved_to_its_neighbour_is_another_context():
    one = UUID(int=1)
    made = [
        context.value(context.value_prefix(DEPLOYMENT, CUSTOMER), one, 0, 1, b"header" + b"a.b"),
        context.value(context.value_prefix(DEPLOYMENT, SOMEONE_ELSE), one, 0, 1, b"headera.b"),
        context.value(context.value_prefix(ELSEWHERE, CUSTOMER), one, 0, 1, b"headera.b"),
        context.value(context.value_prefix(DEPLOYMENT, CUSTOMER), one, 1, 0, b"headera.b"),
        context.value(context.value_prefix(DEPLOYMENT, one), CUSTOMER, 0, 1, b"headera.b"),
    ]
    assert all(first != second for first, second in combinations(made, 2))


def test_every_label_is_ascii_and_ends_with_its_only_zero():
    labels = [
        context.value_prefix(DEPLOYMENT, CUSTOMER),
        context.key(DEPLOYMENT, bytes(18), None, 1, "audit"),
        context.entry(bytes(112), "o"),
        context.ring(DEPLOYMENT),
        context.export(DEPLOYMENT, CUSTOMER, bytes(20)),
        context.receipt(DEPLOYMENT, CUSTOMER, receipt_id=UUID(int=1), header=bytes(6)),
        context.mail(DEPLOYMENT, UUID(int=1), header=bytes(6), template="t"),
        context.cursor(DEPLOYMENT, "p"),
        context.late_form(DEPLOYMENT, CUSTOMER),
        context.kek({}),
    ]
    names = [made[: made.index(0)] for made in labels]
    assert len(set(names)) == len(names)
    assert all(name.isascii() and name.startswith(b"ownship/") for name in names)
