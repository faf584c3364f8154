"""What the replay says of a consent under a later code is what the vault made of it, or "unknown"."""

import hashlib
from collections import Counter
from dataclasses import replace

import pytest

from policies.broader import BROADER, is_a
from policies.diff import Outcome, diff
from policies.durations import Duration
from policies.model import ConsentState
from policies.vocabulary import CATEGORIES, PURPOSES
from tests.policies.edited import family
from tests.policies.generated import NAMES, NOW
from tests.policies.test_diff import NEXT, THIS
from vault.core import carry as vaults
from vault.core.carry import Step
from vault.core.consent import Consent as VaultsConsent
from vault.verifier import replay_words
from vault.verifier.replay_carry import (
    EPOCH,
    Consent,
    UndecidedError,
    after,
    asks,
    carry,
)
from vault.verifier.replay_code import Code
from vault.verifier.replay_compare import spans, words

LATE = 10**13  # unix ms
SAME = {
    Outcome.EQUAL: "same",
    Outcome.NARROWER: "less",
    Outcome.WIDER: "more",
    Outcome.REFUSED: "more",
    Outcome.DROPPED: "more",
}


def code(book):
    return Code(book.document, book.digest)


def test_clauses_are_compared_as_the_vault_does_or_not_at_all():
    found: Counter[str] = Counter()
    for seed in range(150):
        old, new, newest = family(seed)
        for one, other in ((old, new), (new, newest)):
            for clause in diff(one, other):
                if clause.outcome is Outcome.NEW:
                    continue
                answer = asks(code(one), code(other), clause.purpose)
                assert answer in {SAME[clause.outcome], "unknown"}, (seed, clause)
                found[answer] += 1
    assert min(found[one] for one in ("same", "less", "more")) > 20, found
    assert found["unknown"] == 0, found


def test_every_term_that_a_code_may_use_is_known_and_stands_where_it_stands_there():
    terms = {*PURPOSES, *CATEGORIES, *BROADER}
    assert terms <= replay_words.KNOWN
    for one in sorted(replay_words.KNOWN):
        for other in sorted(replay_words.KNOWN):
            assert replay_words.within({one}, {other}) == is_a(one, other), (one, other)


@pytest.mark.parametrize("other", ["P28D", "P30D", "P31D", "P4W", "P1M", "P2M", "P364D", "P366D"])
@pytest.mark.parametrize(
    "span", ["P1M", "P11M", "P12M", "P1Y", "P2Y1M", "P59D", "P1M1D", "P1Y1M1D"]
)
def test_spans_are_compared_as_the_vault_does(span, other):
    for one, limit in ((span, other), (other, span)):
        first, second = Duration.parse(one), Duration.parse(limit)
        assert first
        assert second
        assert (spans(limit, one) in {"same", "less"}) == first.within(second), (one, limit)
        fewest, most = replay_words.days(first.months, first.days)
        assert (fewest, most) == (first.fewest, first.most)


def test_a_term_of_a_later_vocabulary_is_not_called_broader_or_narrower():
    assert words(["Contact"], ["OfALaterVocabulary"]) == "unknown"
    assert words(["OfALaterVocabulary"], ["Contact"]) == "unknown"
    assert words(["OfALaterVocabulary"], ["OfALaterVocabulary"]) == "same"
    assert words(["Contact"], ["PostalCode"]) == "less"
    assert words(["PostalCode"], ["Contact"]) == "more"
    assert words(["Contact", "PostalCode"], ["Contact"]) == "same"


def test_what_is_left_of_a_consent_is_what_the_vault_leaves():
    told = 0
    for seed in range(150):
        books = family(seed)
        codes = [code(book) for book in books]
        for purpose in books[0].purposes:
            fields = frozenset(name for n, name in enumerate(NAMES) if seed >> n & 1 or n == 0)
            consent = Consent(purpose, "given", fields, 500, LATE, "")
            steps = [(NOW, *codes[:2]), (NOW + 1, *codes[1:])]
            known = VaultsConsent(purpose, ConsentState.GIVEN, fields, 500, LATE, "", "")
            left = vaults.carry(
                known,
                [
                    Step(at, new, {one.purpose: one.outcome for one in diff(old, new)})
                    for at, old, new in ((NOW, *books[:2]), (NOW + 1, *books[1:]))
                ],
            )
            try:
                found = carry(consent, steps)
            except UndecidedError:
                continue
            told += 1
            assert (found.state, found.until) == (left.state.value, left.until_ms), seed
            if found.state == "given":
                assert found.fields == left.fields, seed
    assert told > 100


def test_the_sample_codes_are_compared():
    both = {one.purpose: one.outcome for one in diff(THIS, NEXT)}
    for purpose, outcome in both.items():
        if outcome is not Outcome.NEW:
            assert asks(code(THIS), code(NEXT), purpose) in {SAME[outcome], "unknown"}


def test_what_had_ended_or_was_never_given_stays_so():
    old, new = code(THIS), code(NEXT)
    for consent in (
        Consent("marketing", "withdrawn", frozenset(), 0, LATE, ""),
        Consent("marketing", "given", frozenset(NAMES), 0, 10, ""),
    ):
        assert carry(consent, [(10, old, new)]) == consent


@pytest.mark.parametrize("span", ["P1M", "P12M", "P1Y", "P2W", "P30D", "P1Y2M3W4D"])
@pytest.mark.parametrize("day", ["2027-01-31", "2028-02-29", "2026-12-01"])
def test_spans_end_when_the_vault_lets_them_end(span, day):
    start = EPOCH.fromisoformat(f"{day}T10:00:00+00:00")
    ms = int(start.timestamp() * 1000)
    duration = Duration.parse(span)
    assert duration is not None
    assert after(span, ms) == int(duration.after(start).timestamp() * 1000)


def test_no_span_ends_at_once_and_one_past_all_dates_never():
    assert [after(span, 7) for span in (None, "", "P", "PT5S")] == [7] * 4
    assert after("P99999Y", 7) == 2**53


def test_a_text_that_reads_otherwise_changes_nothing():
    other = replace(THIS, document=THIS.document.replace(b"We would like you", b"We should like"))
    assert other.document != THIS.document
    digest = hashlib.sha256(other.document).hexdigest()
    assert asks(code(THIS), Code(other.document, digest), "marketing") == "same"
