"""Say what a consent allows to be done, in the fields of ISO/IEC TS 27560: its record's largest part.

A pure function of the code of ethics and of the names that the consent covers: the same for every
customer who decided alike. No customer is known here.
Source: consent-standards note, 2 and 3; W3C DPVCG guide consent-27560.
"""

from collections.abc import Iterable

from policies import vocabulary
from policies.model import (
    Action,
    Basis,
    Field,
    InteractionKind,
    Purpose,
    Rulebook,
    Sensitivity,
    Use,
)
from policies.vocabulary import dpv_iri
from vault.core import party

_ACTIONS = {
    Action.READ: (vocabulary.ACTIONS[Action.READ], "Disclose"),
    Action.WRITE: (vocabulary.ACTIONS[Action.WRITE],),
    Action.APPEND: (vocabulary.ACTIONS[Action.APPEND],),
}
_MARKED = {
    Sensitivity.SENSITIVE: "sensitive_pii_category",
    Sensitivity.SPECIAL: "special_pii_category",
}


def process(
    rulebook: Rulebook, clause: Purpose, *, fields: frozenset[str], language: str, issuer: str
) -> dict[str, object]:
    """Return what is done with the fields of a consent, as its record says.

    Args:
        rulebook: the code of ethics that the decision was made on.
        clause: of the purpose.
        fields: those that the consent names.
        language: BCP 47.
        issuer: public origin, no trailing slash.
    """
    code_url = f"{issuer}/code/{rulebook.version}"
    publisher = rulebook.code.publisher
    uses = [use for use in clause.uses if use.name in fields]
    kept = {use.name: _kept(rulebook, use.name) for use in uses}
    recipients = [rulebook.recipients[app] for app in clause.recipients]
    return {
        "@type": dpv_iri("Process"),
        "purpose": {
            "@id": f"{code_url}#{clause.id}",
            "label": clause.label.get(language),
            "purpose_type": [vocabulary.purpose_iri(one) for one in clause.types],
        },
        "lawful_basis": _basis(clause),
        "pii_information": [_information(use, kept[use.name]) for use in uses],
        "pii_controllers": [party.publisher_id(issuer)],
        "collection_method": _unique(
            dpv_iri(vocabulary.SOURCES[source]) for one in kept.values() for source in one.sources
        ),
        "processing_method": _unique(
            dpv_iri(term) for use in uses for action in use.actions for term in _ACTIONS[action]
        )
        + ([dpv_iri("Profiling")] if clause.profiling else [])
        + _inferring(rulebook, clause, fields),
        "storage_locations": ["vault", "backups"],
        "retention_period": [
            {"pii_attribute_id": name, "duration": one.retention} for name, one in kept.items()
        ],
        "processing_locations": _unique(
            vocabulary.country_iri(country)
            for country in (publisher.country, *(one.country for one in recipients))
        ),
        "geographic_restrictions": [code_url],
        "service": publisher.url,
        "jurisdiction": vocabulary.country_iri(publisher.country),
        "recipient_third_parties": [party.recipient_id(issuer, one.id) for one in recipients]
        or [party.publisher_id(issuer)],
        "withdrawal_method": {
            "@type": dpv_iri("WithdrawConsent"),
            "isExercisedAt": [
                f"{issuer}/privacy",
                f"mailto:{publisher.email}",
                publisher.phone or publisher.address,
            ],
        },
        "privacy_rights": [
            {
                "@id": vocabulary.right_iri(right),
                "isExercisedAt": party.exercised_at(publisher, right, issuer=issuer),
            }
            for right in vocabulary.RIGHTS[clause.basis]
        ],
        "authority_party": party.authority_id(issuer),
        **({"impact_assessment": clause.assessment} if clause.assessment else {}),
    }


def _inferring(rulebook: Rulebook, clause: Purpose, fields: frozenset[str]) -> list[str]:
    """Say that a detail of the consent is inferred under the clause, and how much a machine does."""
    under = [
        one
        for one in rulebook.code.derivations
        if clause.id in one.purposes and one.field in fields
    ]
    found = [dpv_iri("Infer")] if under else []
    if any(one.decides for one in under):
        found.append(dpv_iri("AutomatedDecisionMaking"))
    return found + _unique(dpv_iri(vocabulary.AUTOMATIONS[one.automation]) for one in under)


def _basis(clause: Purpose) -> str | list[str]:
    iri = vocabulary.basis_iri(Basis.CONSENT)
    if clause.explicit:
        return [iri, vocabulary.right_iri(vocabulary.EXPLICIT_CONSENT)]
    return iri


def _information(use: Use, one: Field | InteractionKind) -> dict[str, object]:
    said: dict[str, object] = {
        "pii_type": [vocabulary.category_iri(one.category)],
        "pii_attribute_id": use.name,
        "pii_optional": dpv_iri("Required" if use.required else "Optional"),
    }
    if mark := _MARKED.get(one.sensitivity):
        said[mark] = dpv_iri(vocabulary.SENSITIVITIES[one.sensitivity])
    return said


def _kept(rulebook: Rulebook, name: str) -> Field | InteractionKind:
    return rulebook.fields.get(name) or rulebook.interactions[name]


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
