"""Say what each field of a consent receipt means, in plain words: the 44 of the standard, and ours.

The receipt's page and its published schema both read this list, so that they say the same. The
English sentence is the key of its translation.
Source: ISO/IEC TS 27560:2023 as the W3C DPVCG guide consent-27560 has it; consent-standards note, 2.
"""

from dataclasses import dataclass
from typing import Final, Literal

Section = Literal["header", "receipt", "processing", "pii", "party", "event"]


def N_(sentence: str) -> str:  # noqa: N802  gettext's name, which extraction looks for
    """Mark a sentence for translation."""
    return sentence


@dataclass(frozen=True, slots=True)
class ReceiptField:
    """A field of the standard."""

    section: Section
    name: str
    words: str
    mandatory: bool = False


def _must(section: Section, name: str, words: str) -> ReceiptField:
    return ReceiptField(section, name, words, mandatory=True)


FIELDS: Final = (
    _must("header", "schema_version", N_("the form that the receipt follows")),
    _must("header", "record_id", N_("number of the record of this decision")),
    _must("header", "pii_principal_id", N_("you, under an id that no app knows")),
    _must("receipt", "receipt_id", N_("number of the receipt")),
    _must("processing", "privacy_notice", N_("what was shown when you decided")),
    _must("processing", "language", N_("language in which it was shown")),
    _must("processing", "purpose", N_("what for")),
    ReceiptField("processing", "purpose_type", N_("kind of purpose, in the words of W3C DPV")),
    ReceiptField("processing", "lawful_basis", N_("why the law allows it")),
    _must("processing", "pii_information", N_("details that it is about")),
    _must("processing", "pii_controllers", N_("who answers for it")),
    ReceiptField("processing", "collection_method", N_("how the details are gathered")),
    ReceiptField("processing", "processing_method", N_("what is done with them")),
    _must("processing", "storage_locations", N_("where they are kept")),
    _must("processing", "retention_period", N_("how long each is kept")),
    ReceiptField("processing", "processing_locations", N_("countries in which they are used")),
    ReceiptField("processing", "geographic_restrictions", N_("rules on where they may be used")),
    ReceiptField("processing", "service", N_("service that it belongs to")),
    _must("processing", "jurisdiction", N_("country whose law applies")),
    _must("processing", "recipient_third_parties", N_("who may read them")),
    _must("processing", "withdrawal_method", N_("how to stop it")),
    ReceiptField("processing", "privacy_rights", N_("your rights, and where to use them")),
    ReceiptField("processing", "codes_of_conduct", N_("code of ethics that was in force")),
    ReceiptField("processing", "impact_assessment", N_("study of what it may do to people")),
    ReceiptField("processing", "authority_party", N_("authority to complain to")),
    _must("pii", "pii_type", N_("kind of detail, in the words of W3C DPV")),
    ReceiptField("pii", "pii_attribute_id", N_("name of the detail in the code of ethics")),
    ReceiptField("pii", "pii_optional", N_("whether it works without this detail")),
    ReceiptField("pii", "sensitive_pii_category", N_("mark of a sensitive detail")),
    ReceiptField("pii", "special_pii_category", N_("mark of a detail that the law protects more")),
    _must("party", "party_id", N_("id of somebody who takes part")),
    _must("party", "party_address", N_("their address")),
    _must("party", "party_name", N_("their name")),
    _must("party", "party_contact", N_("whom to turn to there")),
    _must("party", "party_type", N_("what part they take")),
    ReceiptField("party", "party_role", N_("their role, where there is a further one")),
    ReceiptField("party", "party_email", N_("their e-mail address")),
    ReceiptField("party", "party_url", N_("their web page")),
    ReceiptField("party", "party_phone", N_("their telephone number")),
    _must("event", "event_time", N_("when you decided")),
    _must("event", "validity_duration", N_("until when it holds")),
    _must("event", "entity_id", N_("who decided")),
    _must("event", "event_type", N_("in what manner it was decided")),
    _must("event", "event_state", N_("what was decided")),
)
# What the standard has no name for. Their meaning is published below the schema's address.
OURS: Final = {
    "code": "SHA-256 of the code of ethics on which the decision was made.",
    "consent_epoch": "Count of the customer's changes after this event.",
    "controls": "Buttons and boxes of the notice, in their order.",
    "defaults": "What was chosen beforehand; always `none`.",
    "duration": "ISO 8601 duration.",
    "evidence": "What shows that a consent was given before the vault, for an import.",
    "file": "SHA-256 of the file that it was imported from.",
    "form": "Which form it was given on.",
    "sha256": "SHA-256 of what is named, in hex.",
    "template": "Which kind of notice it was.",
    "time": "When it was signed by the customer.",
    "until": "End of the consent, exclusive.",
    "url": "Address at which the named bytes are published.",
    "wording": "What the form said.",
}
