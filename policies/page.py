"""Lay out a code of ethics for people, in one language: the parts of a page.

A page is data; its HTML is the portal's. Everything on it comes from the document alone, and a
test shows that what it says and what the decision tables allow are the same set.
Source: DESIGN 5; GDPR 13 and 14.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from policies.model import (
    Derivation,
    Duplicates,
    Field,
    InteractionKind,
    Purpose,
    Recipient,
    Rulebook,
    Survey,
    Texts,
)
from policies.names import COOLING_OFF, INTERACTION
from policies.page_view import (
    BenefitView,
    ClauseView,
    ConditionView,
    DerivationView,
    DuplicatesView,
    GroupView,
    KeptView,
    MethodView,
    Named,
    PageView,
    QuestionView,
    RecipientView,
    RightView,
    SurveyView,
    UseView,
)
from policies.vocabulary import RIGHTS

# In the order in which people ask for them.
_RIGHTS = ("A15", "A16", "A17", "A7-3", "A21", "A18", "A20", "A22", "A13", "A14", "A19", "A77")


def page(rulebook: Rulebook, lang: str) -> PageView:
    """Return the page in a language, or in the nearest one that the code is written in."""
    code = rulebook.code
    return PageView(
        lang=spoken(rulebook, lang),
        version=code.version,
        effective=code.effective,
        digest=rulebook.digest,
        title=code.title.get(lang),
        publisher=code.publisher,
        promises=tuple(one.get(lang) for one in code.promises),
        sources=tuple((rule.source, rule.how.get(lang)) for rule in code.sources),
        fields=tuple(_kept(rulebook, one, lang) for one in code.fields),
        interactions=tuple(_kept(rulebook, one, lang) for one in code.interactions),
        clauses=tuple(clause(rulebook, one, lang) for one in code.purposes),
        terms=code.terms,
        children=code.children.age if code.children else None,
        cooling_off=code.cooling_off or COOLING_OFF,
        groups=tuple(
            GroupView(one.id, one.label.get(lang), one.why.get(lang)) for one in code.groups
        ),
        never=tuple((one.id, one.text.get(lang)) for one in code.never),
        derivations=tuple(_derivation(rulebook, one, lang) for one in code.derivations),
        measures=tuple(one.get(lang) for one in code.measures),
        recipients=tuple(
            _recipient(one, lang)
            for one in code.recipients
            if any(one.id in purpose.recipients for purpose in code.purposes)
        ),
        rights=tuple(_rights(code.purposes, lang)),
        surveys=tuple(_survey(rulebook, one, lang) for one in code.surveys),
        duplicates=_duplicates(rulebook, code.duplicates, lang) if code.duplicates else None,
        minimum_group=rulebook.minimum_group,
    )


def spoken(rulebook: Rulebook, lang: str) -> str:
    """Return the language of the code's texts that is nearest to one."""
    return Texts(tuple((one, one) for one in rulebook.code.languages)).get(lang)


def clause(rulebook: Rulebook, purpose: Purpose, lang: str) -> ClauseView:
    """Return one purpose as a person reads it."""
    kept: dict[str, Field | InteractionKind] = {**rulebook.fields, **rulebook.interactions}
    return ClauseView(
        id=purpose.id,
        label=purpose.label.get(lang),
        what=purpose.what.get(lang),
        why=purpose.why.get(lang),
        benefit=purpose.benefit.get(lang),
        without=purpose.without.get(lang),
        basis=purpose.basis,
        uses=tuple(
            UseView(use.name, kept[use.name].label.get(lang), use.actions, use.required)
            for use in purpose.uses
        ),
        recipients=tuple(_recipient(rulebook.recipients[app], lang) for app in purpose.recipients),
        staff=purpose.staff,
        expiry=purpose.expiry,
        until=_maybe(purpose.until, lang),
        law=_maybe(purpose.law, lang),
        balancing=_maybe(purpose.balancing, lang),
        explicit=purpose.explicit,
        profiling=purpose.profiling,
        delay=purpose.delay,
        keep=purpose.keep,
        assessment=purpose.assessment,
        benefits=tuple(
            BenefitView(one.id, one.label.get(lang), _named(kept, one.needs, lang))
            for one in purpose.benefits
        ),
    )


def _recipient(app: Recipient, lang: str) -> RecipientView:
    return RecipientView(
        id=app.id,
        name=app.name.get(lang),
        team=app.team.get(lang),
        country=app.country,
        external=app.external,
        safeguard=_maybe(app.safeguard, lang),
    )


def _rights(purposes: Sequence[Purpose], lang: str) -> Iterator[RightView]:
    """Give the rights that fit the bases; what one covers is said by the shorter list."""
    for name in _RIGHTS:
        covered = [one.label.get(lang) for one in purposes if name in RIGHTS[one.basis]]
        rest = [one.label.get(lang) for one in purposes if name not in RIGHTS[one.basis]]
        if len(covered) > len(rest):
            yield RightView(name, (), tuple(rest))
        elif covered:
            yield RightView(name, tuple(covered), ())


def _derivation(rulebook: Rulebook, one: Derivation, lang: str) -> DerivationView:
    kept: dict[str, Field | InteractionKind] = {**rulebook.fields, **rulebook.interactions}
    return DerivationView(
        id=one.id,
        label=one.label.get(lang),
        how=one.how.get(lang),
        field=one.field,
        inputs=_named(kept, one.inputs, lang),
        automation=one.automation,
        purposes=_named(rulebook.purposes, one.purposes, lang),
        contest=one.contest.get(lang),
        decides=one.decides,
        human=_maybe(one.human, lang),
        method=method(rulebook, one, lang),
    )


def method(rulebook: Rulebook, derivation: Derivation, lang: str) -> MethodView | None:
    """Return what the vault counts for a derivation; None where an app works it out."""
    one = derivation.method
    if one is None:
        return None
    yielded = _choices(rulebook, derivation.field, lang)
    return MethodView(
        function=one.function,
        period=one.period,
        fact=one.fact,
        least=one.least,
        bands=tuple(((band.id, yielded[band.id]), band.start) for band in one.bands),
        segments=tuple(
            (
                (segment.id, yielded[segment.id]),
                tuple(
                    _condition(rulebook, condition.field, condition.values, lang)
                    for condition in segment.when
                ),
            )
            for segment in one.segments
        ),
        ways=tuple(
            (
                (way.id, yielded[way.id]),
                _named(rulebook.interactions, map(_kind, way.kinds), lang),
            )
            for way in one.ways
        ),
    )


def _condition(rulebook: Rulebook, field: str, values: tuple[str, ...], lang: str) -> ConditionView:
    known = _choices(rulebook, field, lang)
    return ConditionView(
        (field, rulebook.fields[field].label.get(lang)),
        tuple((value, known.get(value, "")) for value in values),
    )


def _choices(rulebook: Rulebook, field: str, lang: str) -> dict[str, str]:
    return {one.id: one.label.get(lang) for one in rulebook.fields[field].choices}


def _kind(kind: str) -> str:
    return f"{INTERACTION}.{kind}"


def _survey(rulebook: Rulebook, one: Survey, lang: str) -> SurveyView:
    (purpose,) = _named(rulebook.purposes, (one.purpose,), lang)
    (answer,) = _named(rulebook.interactions, (one.answer,), lang)
    return SurveyView(
        id=one.id,
        label=one.label.get(lang),
        invitation=one.invitation.get(lang),
        thanks=one.thanks.get(lang),
        purpose=purpose,
        after=_named(rulebook.interactions, one.after, lang),
        answer=answer,
        channel=one.channel,
        wait=one.wait,
        at_most=one.at_most,
        expires=one.expires,
        questions=tuple(
            QuestionView(
                asked.id,
                asked.type,
                asked.label.get(lang),
                asked.low,
                tuple((choice.id, choice.label.get(lang)) for choice in asked.choices),
            )
            for asked in one.questions
        ),
    )


def _duplicates(rulebook: Rulebook, one: Duplicates, lang: str) -> DuplicatesView:
    (purpose,) = _named(rulebook.purposes, (one.purpose,), lang)
    return DuplicatesView(
        purpose, tuple(_named(rulebook.fields, names, lang) for names in one.same)
    )


def _named(
    known: Mapping[str, Field | InteractionKind | Purpose], names: Iterable[str], lang: str
) -> tuple[Named, ...]:
    return tuple((name, known[name].label.get(lang)) for name in names)


def _maybe(texts: Texts | None, lang: str) -> str | None:
    return None if texts is None else texts.get(lang)


def _kept(rulebook: Rulebook, one: Field | InteractionKind, lang: str) -> KeptView:
    choices = one.choices if isinstance(one, Field) else ()
    kind = None if isinstance(one, Field) else one
    return KeptView(
        name=one.name,
        label=one.label.get(lang),
        why=one.why.get(lang),
        sensitivity=one.sensitivity,
        sources=one.sources,
        retention=one.retention,
        choices=tuple(choice.label.get(lang) for choice in choices),
        purposes=tuple((used.id, used.label.get(lang)) for used in rulebook.purposes_for(one.name)),
        reaches=kind.reaches if kind else None,
        portal=kind is not None and kind.portal,
        follow_up=kind.follow_up if kind else None,
    )
