"""Show how each key of a code of ethics is written; a key that is not here is refused.

The text beside a key is what an error advises to write, so it is always a valid example.
Source: DESIGN 5.
"""

DOCUMENT = {
    "format": "1",
    "version": "2026-11",
    "effective": "2026-11-01",
    "languages": "[en]",
    "title": "Code of ethics of Sample Shop",
    "publisher": "{name: …, address: …, country: …, email: …, url: …, dpo: …, authority: …}",
    "promises": "[We never sell what we know about you.]",
    "sources": "{told: You told us yourself.}",
    "fields": "{contact.email: {label: …, why: …, type: email, …}}",
    "interactions": "{purchase: {label: …, why: …, …}}",
    "recipients": "{delivery: {name: …, team: …, country: IE}}",
    "purposes": "{delivery: {label: …, what: …, why: …, …}}",
    "terms": "[pause, never-purpose]",
    "children": "{age: 16}",
    "cooling_off": "P14D",
    "groups": "{contact: {label: Contact, why: To reach you.}}",
    "never": "{no_selling: {text: …, types: [SellDataToThirdParties]}}",
    "derivations": "{value: {label: …, how: …, field: …, from: […], …}}",
    "measures": "[Every value is encrypted under a key of its own.]",
    "surveys": "{visit: {label: …, invitation: …, purpose: feedback, …}}",
    "duplicates": "{purpose: support, same: [[contact.full_name, contact.birth_date]]}",
    "minimum_group": "10",
}
GROUP = {"label": "Contact", "why": "To reach you."}
NEVER = {
    "text": "We do not sell what we know about you.",
    "types": "[SellDataToThirdParties]",
    "categories": "[Contact]",
    "sensitivity": "[special]",
    "sources": "[third-party]",
    "recipients": "external",
    "countries_outside": "[EEA]",
    "profiling": "yes",
    "bases": "[legitimate-interest]",
}
DERIVATION = {
    "label": "How often you come",
    "how": "We count what you bought in a year.",
    "field": "traits.frequency",
    "from": "[interaction.purchase]",
    "automation": "FullAutomation",
    "purposes": "[loyalty.rewards]",
    "contest": "Say so on the page of this detail, and it is deleted.",
    "decides": "yes",
    "human": "Call us, and a person looks at it again.",
    "method": "{function: frequency, period: P12M, bands: {seldom: 1, often: 12}}",
}
DUPLICATES = {
    "purpose": "support",
    "same": "[[contact.full_name, contact.birth_date]]",
}
CHILDREN = {"age": "16"}
PUBLISHER = {
    "name": "Sample Shop",
    "address": "1 Harbour Street, Dublin",
    "country": "IE",
    "email": "privacy@shop.example",
    "phone": "+353 1 234 5678",
    "url": "https://shop.example",
    "dpo": "{name: Data protection officer, email: dpo@shop.example}",
    "authority": "{name: Data Protection Commission, url: https://authority.example}",
}
DPO = {"name": "Data protection officer", "email": "dpo@shop.example"}
AUTHORITY = {"name": "Data Protection Commission", "url": "https://authority.example"}
KEPT = {
    "label": "E-mail address",
    "why": "To tell you where your order is.",
    "category": "EmailAddress",
    "sensitivity": "ordinary",
    "sources": "[told]",
    "retention": "P3Y",
}
INTERACTION = KEPT | {
    "reaches": "email",
    "portal": "yes",
    "follow_up": "{within: P5D, owner: support}",
}
FOLLOW_UP = {"within": "P5D", "owner": "support"}
FIELD = KEPT | {
    "type": "text",
    "identifies": "email",
    "max_length": "200",
    "choices": "{espresso: Espresso, tea: Tea}",
}
RECIPIENT = {
    "name": "Delivery planner",
    "team": "Logistics",
    "country": "IE",
    "external": "yes",
    "safeguard": "The standard contractual clauses of the European Commission.",
}
PURPOSE = {
    "label": "Delivery",
    "types": "[DeliveryOfGoods]",
    "what": "We bring what you ordered to your door.",
    "why": "You ordered it.",
    "benefit": "Your order comes when you are in.",
    "without": "We cannot deliver; you can fetch your order in a shop.",
    "basis": "contract",
    "required": "{contact.email: [read]}",
    "optional": "{contact.phone: [read]}",
    "recipients": "[delivery]",
    "staff": "[support]",
    "expiry": "P12M",
    "until": "Until the time for returns is over.",
    "law": "The law and its article.",
    "balancing": "Why your interests do not outweigh ours.",
    "explicit": "yes",
    "profiling": "yes",
    "delay": "P7D",
    "keep": "P7Y",
    "assessment": "https://shop.example/assessments/delivery",
    "benefits": "{birthday: {label: A drink on your birthday, needs: [contact.birth_date]}}",
}
BENEFIT = {"label": "A drink on your birthday", "needs": "[contact.birth_date]"}
