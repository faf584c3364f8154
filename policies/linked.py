"""Write a code of ethics as linked data: JSON-LD with the terms of the W3C DPV.

A program that knows nothing of this vault can read in it what is done with what, by whom, on which
basis and for how long. Every term is a full IRI; the `@context` stands in the document, so that
nothing is fetched to read it. Texts are in all languages of the code. The document is named after
its permanent address and its digest; that of the canonical JSON is the one that answers carry.
Source: W3C DPV 2.3; JSON-LD 1.1; DESIGN 5.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from policies import linked_asked
from policies.document import Derivation, Field, InteractionKind, Never, Purpose, Recipient, Use
from policies.linked_context import CONTEXT
from policies.linked_node import Node, ref, refs, storage, texts
from policies.model import Rulebook
from policies.names import COOLING_OFF, Sensitivity, Source
from policies.vocabulary import (
    ACTIONS,
    AUTOMATIONS,
    EXPLICIT_CONSENT,
    GDPR,
    RIGHTS,
    SENSITIVITIES,
    SOURCES,
    basis_iri,
    category_iri,
    country_iri,
    dpv_iri,
    purpose_iri,
    right_iri,
)
from policies.wording import of

MEDIA_TYPE: Final = "application/ld+json"


def jsonld(rulebook: Rulebook, issuer: str) -> bytes:
    """Return the JSON-LD of a code, UTF-8.

    Args:
        rulebook: the code.
        issuer: public origin, below which its addresses stand.
    """
    return json.dumps(document(rulebook, issuer), ensure_ascii=False, indent=1).encode()


def document(rulebook: Rulebook, issuer: str) -> Node:
    """Return the JSON-LD of a code as JSON values; arguments as for `jsonld`."""
    code = rulebook.code
    here = f"{issuer}/code/{code.version}"
    kept: tuple[Field | InteractionKind, ...] = (*code.fields, *code.interactions)
    return {
        "@context": CONTEXT,
        "@id": f"{here}?digest=sha256:{rulebook.digest}",
        "@type": [dpv_iri("PrivacyNotice"), dpv_iri("CodeOfConduct")],
        "url": here,
        "version": code.version,
        "digest": f"sha256:{rulebook.digest}",
        "effective": code.effective,
        "language": list(code.languages),
        "title": texts(code.title),
        "controller": _controller(rulebook, here),
        "authority": {
            "@id": f"{here}#the-authority",
            "@type": dpv_iri("DataProtectionAuthority"),
            "name": code.publisher.authority.name,
            "contact": code.publisher.authority.url,
        },
        "promises": [
            {"@type": dpv_iri("Obligation"), "description": texts(one)} for one in code.promises
        ],
        "never": [_never(one, here) for one in code.never],
        "data": [_kept(one, here) for one in kept],
        "recipients": [_recipient(one, here) for one in code.recipients],
        "processes": [_process(one, here) for one in code.purposes],
        "derivations": [_derivation(one, rulebook, here) for one in code.derivations],
        **linked_asked.of_code(rulebook, here),
        "rules": list(_rules(rulebook)),
        "measures": [
            {"@type": dpv_iri("TechnicalOrganisationalMeasure"), "description": texts(one)}
            for one in code.measures
        ],
    }


def _controller(rulebook: Rulebook, here: str) -> Node:
    by = rulebook.code.publisher
    return {
        "@id": f"{here}#the-publisher",
        "@type": dpv_iri("DataController"),
        "name": by.name,
        "address": by.address,
        "country": country_iri(by.country),
        "contact": [one for one in (by.email, by.phone, by.url) if one],
        "officer": {"name": by.dpo.name, "contact": by.dpo.email},
    }


def _never(one: Never, here: str) -> Node:
    """Return a promise not to do something; what it is about where it says so."""
    found: Node = {
        "@id": f"{here}#never-{one.id}",
        "@type": dpv_iri("Prohibition"),
        "description": texts(one.text),
        "types": [purpose_iri(name) for name in one.types],
        "categories": [category_iri(name) for name in one.categories],
        "kinds": [dpv_iri(SENSITIVITIES[kind]) for kind in one.sensitivity],
        "sources": _sources(one.sources),
        "bases": [basis_iri(basis) for basis in one.bases],
    }
    if one.external:
        found["recipientKinds"] = [dpv_iri("ThirdParty")]
    if one.profiling:
        found["processing"] = [dpv_iri("Profiling")]
    return {name: value for name, value in found.items() if value}


def _sources(sources: tuple[Source, ...]) -> list[str]:
    return list(dict.fromkeys(dpv_iri(SOURCES[source]) for source in sources))


def _kept(one: Field | InteractionKind, here: str) -> Node:
    kinds = [dpv_iri(SENSITIVITIES[Sensitivity.ORDINARY]), dpv_iri(SENSITIVITIES[one.sensitivity])]
    return {
        "@id": f"{here}#{one.name}",
        "@type": list(dict.fromkeys(kinds)),
        "identifier": one.name,
        "label": texts(one.label),
        "description": texts(one.why),
        "broader": [category_iri(one.category)],
        "sources": _sources(one.sources),
        "storage": storage(one.retention),
        **(linked_asked.contact(one, here) if isinstance(one, InteractionKind) else {}),
    }


def _recipient(one: Recipient, here: str) -> Node:
    found: Node = {
        "@id": f"{here}#recipient-{one.id}",
        "@type": [dpv_iri("Recipient"), *([dpv_iri("ThirdParty")] if one.external else [])],
        "identifier": one.id,
        "label": texts(one.name),
        "description": texts(one.team),
        "location": country_iri(one.country),
    }
    if one.safeguard is not None:
        kind = dpv_iri("SafeguardForDataTransfer")
        found["measures"] = [{"@type": kind, "description": texts(one.safeguard)}]
    return found


def _process(one: Purpose, here: str) -> Node:
    bases = [basis_iri(one.basis), *([GDPR + EXPLICIT_CONSENT] if one.explicit else [])]
    found: Node = {
        "@id": f"{here}#{one.id}",
        "@type": dpv_iri("Process"),
        "identifier": one.id,
        "purpose": {
            "@type": dpv_iri("Purpose"),
            "label": texts(one.label),
            "description": texts(one.why),
            "broader": [purpose_iri(name) for name in one.types],
        },
        "description": texts(one.what),
        "bases": bases,
        "uses": [_use(use, here) for use in one.uses],
        "recipients": [ref(f"{here}#recipient-{app}") for app in one.recipients],
        "staff": [ref(f"{here}#staff-{role}") for role in one.staff],
        "outcome": {"description": texts(one.benefit)},
        "consequence": {"description": texts(one.without)},
        "rights": [right_iri(right) for right in RIGHTS[one.basis]],
    }
    if one.profiling:
        found["processing"] = [dpv_iri("Profiling")]
    if one.expiry is not None:
        found["duration"] = one.expiry
    if one.until is not None:
        found["until"] = {"description": texts(one.until)}
    if one.law is not None:
        found["law"] = {"description": texts(one.law)}
    if one.balancing is not None:
        found["justification"] = {"description": texts(one.balancing)}
    if one.keep is not None:
        found["storage"] = storage(one.keep)
    if one.assessment is not None:
        found["assessment"] = ref(one.assessment)
    if one.benefits:
        found["benefits"] = [linked_asked.benefit(it, here) for it in one.benefits]
    return found


def _use(use: Use, here: str) -> Node:
    return {
        "@type": dpv_iri("Process"),
        "data": [ref(f"{here}#{use.name}")],
        "processing": [dpv_iri(ACTIONS[action]) for action in use.actions],
        "necessity": dpv_iri("Required" if use.required else "Optional"),
    }


def _derivation(one: Derivation, rulebook: Rulebook, here: str) -> Node:
    found: Node = {
        "@id": f"{here}#derivation-{one.id}",
        "@type": dpv_iri("Process"),
        "identifier": one.id,
        "label": texts(one.label),
        "description": texts(one.how),
        "data": refs(here, one.inputs),
        "processing": [dpv_iri("Infer")],
        "outcome": ref(f"{here}#{one.field}"),
        "automation": dpv_iri(AUTOMATIONS[one.automation]),
        "within": refs(here, one.purposes),
        "contest": {"description": texts(one.contest)},
    }
    if one.decides:
        found["context"] = [dpv_iri("AutomatedDecisionMaking")]
    if one.human is not None:
        kind = dpv_iri("HumanInvolvementForIntervention")
        found["human"] = {"@type": kind, "description": texts(one.human)}
    if one.method is not None:
        found["logic"] = linked_asked.method(one.method, rulebook.fields[one.field], here)
    return found


def _rules(rulebook: Rulebook) -> Iterator[Node]:
    """Give what holds for all of it: terms, the age, the time to think again."""
    code = rulebook.code
    spoken = [(lang, of(lang)) for lang in code.languages]
    said: list[Mapping[str, object]] = [
        {lang: words.name(term) for lang, words in spoken} for term in code.terms
    ]
    if code.children:
        age = str(code.children.age)
        said.append({lang: words.say("children", age=age) for lang, words in spoken})
    time = code.cooling_off or COOLING_OFF
    said.append(
        {lang: words.say("cooling_off", duration=words.lasts(time)) for lang, words in spoken}
    )
    for one in said:
        yield {"@type": dpv_iri("Rule"), "description": dict(one)}
    count = rulebook.minimum_group
    least = {lang: words.say("minimum_group", count=str(count)) for lang, words in spoken}
    yield {"@type": dpv_iri("Rule"), "description": least, "minimum": count}
