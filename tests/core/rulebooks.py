"""A small code of ethics made by hand, for rules that need one."""

from policies import stored
from policies.compile import load
from policies.document import (
    Authority,
    Code,
    Contact,
    Field,
    InteractionKind,
    Publisher,
    Purpose,
    Recipient,
    SourceRule,
    Texts,
    Use,
)
from policies.names import Action, Basis, FieldType, Sensitivity, Source, Term


def texts(en):
    return Texts((("en", en),))


PUBLISHER = Publisher(
    name="Harbour Books",
    address="12 Quay Street, Cork",
    country="IE",
    email="hello@harbour.example",
    url="https://harbour.example",
    phone="+35321000000",
    dpo=Contact("Marta Duarte", "privacy@harbour.example"),
    authority=Authority("Data Protection Commission", "https://www.dataprotection.ie"),
)


def field(name, category, **changes):
    given = {
        "label": texts(name.partition(".")[2].replace("_", " ").capitalize()),
        "why": texts(f"We need {name}."),
        "type": FieldType.TEXT,
        "sensitivity": Sensitivity.ORDINARY,
        "sources": (Source.TOLD,),
        "retention": "P2Y",
    } | changes
    return Field(name=name, category=category, **given)


FIELDS = (
    field("contact.email", "EmailAddress", type=FieldType.EMAIL),
    field("contact.phone", "TelephoneNumber", type=FieldType.PHONE),
    field("person.name", "Name", sources=(Source.TOLD, Source.THIRD_PARTY)),
    field("person.income", "Transaction", sensitivity=Sensitivity.SENSITIVE),
    field("health.diet", "FavouriteFood", sensitivity=Sensitivity.SPECIAL),
)
INTERACTIONS = (
    InteractionKind(
        kind="purchase",
        label=texts("Purchase"),
        why=texts("What you bought."),
        category="Purchase",
        sensitivity=Sensitivity.ORDINARY,
        sources=(Source.OBSERVED,),
        retention="P1Y6M",
    ),
)
RECIPIENTS = (
    Recipient("mailer", texts("Newsletter"), texts("Marketing"), "IE"),
    Recipient("shop", texts("Web shop"), texts("Orders"), "PT"),
)


def read(name, *, required=True):
    return Use(name, (Action.READ,), required)


def purpose(id_, *uses, **changes):
    given = {
        "label": texts(id_.capitalize()),
        "types": ("DirectMarketing",),
        "what": texts(f"We do {id_}."),
        "why": texts(f"Because of {id_}."),
        "benefit": texts(f"You get {id_}."),
        "without": texts(f"There is no {id_}."),
        "basis": Basis.CONSENT,
        "recipients": ("mailer",),
        "expiry": "P1Y",
    } | changes
    return Purpose(id=id_, uses=uses, **given)


PURPOSES = (
    purpose(
        "newsletter",
        read("contact.email"),
        read("person.name", required=False),
        read("contact.phone", required=False),
    ),
    purpose(
        "rewards",
        read("contact.email"),
        Use("interaction.purchase", (Action.READ, Action.APPEND), required=False),
        read("person.income", required=False),
        types=("PersonalisedBenefits",),
        recipients=("mailer", "shop"),
        expiry="P6M",
        profiling=True,
    ),
    purpose(
        "wellbeing",
        read("health.diet"),
        types=("ServicePersonalisation",),
        recipients=(),
        expiry="P30D",
        explicit=True,
    ),
    purpose(
        "delivery",
        read("person.name"),
        types=("DeliveryOfGoods",),
        basis=Basis.CONTRACT,
        recipients=("shop",),
        expiry=None,
        until=texts("Until it is delivered."),
    ),
)


def code(**changes):
    given = {
        "version": "2026-11",
        "effective": "2026-11-01",
        "title": texts("How we treat you"),
        "languages": ("en",),
        "publisher": PUBLISHER,
        "promises": (texts("We ask first."),),
        "sources": tuple(SourceRule(one, texts(f"How {one}.")) for one in Source),
        "fields": FIELDS,
        "interactions": INTERACTIONS,
        "recipients": RECIPIENTS,
        "purposes": PURPOSES,
        "terms": tuple(Term),
    } | changes
    return Code(**given)


def rulebook(**changes):
    return load(stored.dumps(code(**changes)))
