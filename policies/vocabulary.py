"""Hold the terms of the W3C Data Privacy Vocabulary that a code of ethics may use.

Names are DPV 2.3's own; an IRI is a namespace and a name. A term that is not here does not
compile, and one is added only after a look at the published list.
Source: W3C DPV 2.3 (w3id.org/dpv, /pd, /legal/eu/gdpr, /loc); consent-standards note, 3.
"""

from policies.names import Action, Automation, Basis, ConsentState, Sensitivity, Source

DPV = "https://w3id.org/dpv#"
PD = "https://w3id.org/dpv/pd#"
GDPR = "https://w3id.org/dpv/legal/eu/gdpr#"
LOC = "https://w3id.org/dpv/loc#"

PURPOSES = (
    "AccountManagement",
    "Advertising",
    "CommunicationForCustomerCare",
    "CustomerCare",
    "CustomerManagement",
    "CustomerOrderManagement",
    "CustomerRelationshipManagement",
    "CustomerSolvencyMonitoring",
    "DataQualityManagement",
    "DeliveryOfGoods",
    "DirectMarketing",
    "DisputeManagement",
    "FraudPreventionAndDetection",
    "ImproveExistingProductsAndServices",
    "LegalCompliance",
    "Marketing",
    "MisusePreventionAndDetection",
    "OptimisationForController",
    "PaymentManagement",
    "Personalisation",
    "PersonalisedAdvertising",
    "PersonalisedBenefits",
    "ProvidePersonalisedRecommendations",
    "RequestedServiceProvision",
    "RightsFulfilment",
    "ServiceOptimisation",
    "ServicePersonalisation",
    "ServiceProvision",
    "ServiceUsageAnalytics",
    "SocialMediaMarketing",
    "TargetedAdvertising",
)
NEVER = ("SellDataToThirdParties", "SellInsightsFromData")  # purposes that no code may have

CATEGORIES = (
    "Age",
    "AgeRange",
    "Behavioural",
    "BirthDate",
    "CallLog",
    "Communication",
    "Contact",
    "Dislike",
    "EmailAddress",
    "EmailContent",
    "Family",
    "Favourite",
    "FavouriteFood",
    "Financial",
    "Gender",
    "Household",
    "Identifying",
    "Intention",
    "Interest",
    "Language",
    "Like",
    "Location",
    "Name",
    "Opinion",
    "PhysicalAddress",
    "PhysicalCharacteristic",
    "PostalCode",
    "Preference",
    "PrivacyPreference",
    "Purchase",
    "PurchasesAndSpendingHabit",
    "ServiceConsumptionBehaviour",
    "TelephoneNumber",
    "Transaction",
    "Transactional",
    "UID",
    "Username",
    "VoiceCommunicationRecording",
)
# Many people share one value, so such a field neither finds a customer nor may be indexed.
FEW_VALUED = frozenset(
    {"Age", "AgeRange", "BirthDate", "Family", "Gender", "Household", "Language", "PostalCode"}
)

BASES = {
    Basis.CONSENT: "A6-1-a",
    Basis.CONTRACT: "A6-1-b",
    Basis.LEGAL_OBLIGATION: "A6-1-c",
    Basis.VITAL_INTEREST: "A6-1-d",
    Basis.PUBLIC_TASK: "A6-1-e",
    Basis.LEGITIMATE_INTEREST: "A6-1-f",
}
EXPLICIT_CONSENT = "A9-2-a"  # beside the basis, for special categories

SOURCES = {
    Source.TOLD: "DataSubjectDataSource",
    Source.OBSERVED: "DataSubjectDataSource",
    Source.INFERRED: "DataControllerDataSource",
    Source.THIRD_PARTY: "ThirdPartyDataSource",
}
ACTIONS = {Action.READ: "Retrieve", Action.WRITE: "Modify", Action.APPEND: "Record"}
AUTOMATIONS = {one: one.value for one in Automation}  # from none to all, in this order
SENSITIVITIES = {
    Sensitivity.ORDINARY: "PersonalData",
    Sensitivity.SENSITIVE: "SensitivePersonalData",
    Sensitivity.SPECIAL: "SpecialCategoryPersonalData",
}
STATES = {
    ConsentState.UNKNOWN: "ConsentUnknown",
    ConsentState.REQUESTED: "ConsentRequested",
    ConsentState.DEFERRED: "ConsentRequestDeferred",
    ConsentState.GIVEN: "ConsentGiven",
    ConsentState.RENEWED: "RenewedConsentGiven",
    ConsentState.REFUSED: "ConsentRefused",
    ConsentState.WITHDRAWN: "ConsentWithdrawn",
    ConsentState.EXPIRED: "ConsentExpired",
    ConsentState.REVOKED: "ConsentRevoked",
    ConsentState.INVALIDATED: "ConsentInvalidated",
}

# What a consent receipt is made of, beside the terms above: values, then properties.
RECEIPT = (
    "CodeOfConduct",
    "ConsentNotice",
    "ConsentReceipt",
    "ConsentRecord",
    "DataController",
    "DataProtectionAuthority",
    "DataSubject",
    "Disclose",
    "ExplicitlyExpressedConsent",
    "ExpressedConsent",
    "Optional",
    "Process",
    "Profiling",
    "Recipient",
    "Required",
    "UntilTimeDuration",
    "WithdrawConsent",
)
PROPERTIES = (
    "hasAddress",
    "hasAuthority",
    "hasConsentControl",
    "hasConsentStatus",
    "hasContact",
    "hasDataController",
    "hasDataSource",
    "hasDataSubject",
    "hasDuration",
    "hasEntity",
    "hasIdentifier",
    "hasImpactAssessment",
    "hasIndicationMethod",
    "hasJurisdiction",
    "hasLegalBasis",
    "hasLocation",
    "hasName",
    "hasNecessity",
    "hasNotice",
    "hasOrganisationalMeasure",
    "hasPersonalData",
    "hasProcess",
    "hasProcessing",
    "hasPurpose",
    "hasRecipient",
    "hasRecordOfActivity",
    "hasRight",
    "hasRule",
    "hasService",
    "hasStorageCondition",
    "isExercisedAt",
    "isIndicatedAtTime",
    "isIndicatedBy",
)

# What the linked form of a code is made of, beside the terms above: types, then properties.
LINKED = (
    "AlgorithmicLogic",
    "AutomatedDecisionMaking",
    "Frequency",
    "HumanInvolvementForIntervention",
    "Infer",
    "Match",
    "Obligation",
    "PrivacyNotice",
    "Prohibition",
    "Purpose",
    "Rule",
    "SafeguardForDataTransfer",
    "StorageDuration",
    "TechnicalOrganisationalMeasure",
    "ThirdParty",
    "hasActiveEntity",
    "hasAlgorithmicLogic",
    "hasAutomationLevel",
    "hasConsequence",
    "hasContext",
    "hasDataProtectionOfficer",
    "hasFrequency",
    "hasHumanInvolvement",
    "hasJustification",
    "hasLegalMeasure",
    "hasObligation",
    "hasOutcome",
    "hasProhibition",
    "hasResponsibleEntity",
    "hasTechnicalOrganisationalMeasure",
)

# GDPR's rights that fit each basis; a receipt tells them.
_ALWAYS = ("A13", "A14", "A15", "A16", "A18", "A19", "A77")
RIGHTS = dict.fromkeys(Basis, _ALWAYS) | {
    Basis.CONSENT: (*_ALWAYS, "A7-3", "A17", "A20", "A22"),
    Basis.CONTRACT: (*_ALWAYS, "A17", "A20", "A22"),
    Basis.PUBLIC_TASK: (*_ALWAYS, "A21", "A22"),  # erasure does not reach it, GDPR 17(3)(b)
    Basis.LEGITIMATE_INTEREST: (*_ALWAYS, "A17", "A21", "A22"),
}

_ISO_3166 = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_ISO_3166.split())  # as DPV lists them

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
# Areas in which data is protected alike, with their countries: TFEU 355; EEA Agreement 126.
REGIONS = {
    "EU": frozenset(_EU.split()),
    "EEA": frozenset(_EU.split()) | {"IS", "LI", "NO"},
}


def dpv_iri(name: str) -> str:
    """Return the IRI of a term of the core vocabulary."""
    return DPV + name


def right_iri(name: str) -> str:
    """Return the IRI of a right of GDPR."""
    return GDPR + name


def purpose_iri(name: str) -> str:
    """Return the IRI of a purpose type."""
    return DPV + name


def category_iri(name: str) -> str:
    """Return the IRI of a category of personal data."""
    return PD + name


def basis_iri(basis: Basis) -> str:
    """Return the IRI of a lawful basis.

    >>> basis_iri(Basis.CONSENT)
    'https://w3id.org/dpv/legal/eu/gdpr#A6-1-a'
    """
    return GDPR + BASES[basis]


def country_iri(country: str) -> str:
    """Return the IRI of a country, from its ISO 3166 code, or of a region."""
    return LOC + country
