"""Name the closed sets of the code of ethics, and the grammar of the open ones.

Decides which words exist: lawful bases, sources, actions, types, states. It knows no document.
Source: DESIGN 2 (words); OAuth note, 4 (grammar of purposes and fields); consent-standards note, 4.
"""

import re
from enum import StrEnum

INTERACTION = "interaction"  # the reserved group: `interaction.purchase` is a kind, never a field
OWN = "own"  # the clause of the customer's own look, so no purpose may be called this
NOTICE = "notice"  # the clause of the vault's own letters to the customer; likewise
REQUEST = "request"  # the clause by which staff read a customer's request; likewise
# The clause by which staff see to what follows a contact; no purpose's name has a hyphen.
FOLLOW_UP = "follow-up"
HOLD = "hold"  # the clause by which an erasure opens what a legal hold keeps; likewise
ERASURE = "erasure"  # the clause by which an erasure knows again what it erased; likewise
AUDIT = "audit"  # the clause by which staff check the access log, its purposes below it; likewise
# Pages beside those of the purposes, `/privacy/{purpose}`, so no purpose may be called this either.
PAGES = ("terms", "view")
COOLING_OFF = "P14D"  # in which an erasure can be taken back, where the code says nothing
MINIMUM_GROUP = 10  # customers of whom a number is shown, where the code says nothing
LANGUAGES = ("en", "pt-BR", "pt-PT")  # what a code may be written in

_NAME = r"[a-z][a-z0-9_]{0,31}"
NAME = re.compile(_NAME)  # a group, a field's own name, an interaction kind, a choice
FIELD = re.compile(rf"{_NAME}\.{_NAME}")
PURPOSE = re.compile(rf"{_NAME}(?:\.{_NAME}){{0,2}}")
APP = re.compile(r"[a-z][a-z0-9_-]{0,31}")  # a recipient: the client id of an app
VERSION = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])(?:-[1-9][0-9]?)?")  # 2026-11, then 2026-11-2


class Action(StrEnum):
    """What is done with a field or an interaction kind."""

    READ = "read"
    WRITE = "write"
    APPEND = "append"

    # Enum's own hash is a Python function; decisions look permissions up by the thousand.
    __hash__ = str.__hash__


class ActorKind(StrEnum):
    """Who asks."""

    APP = "app"
    CUSTOMER = "customer"
    STAFF = "staff"
    OPERATOR = "operator"
    VAULT = "vault"  # the vault itself, which writes to the customer about their own data


class Automation(StrEnum):
    """How much of an inference a machine makes, from none to all: the scale of DPV."""

    NOT_AUTOMATED = "NotAutomated"
    ASSISTIVE = "AssistiveAutomation"
    PARTIAL = "PartialAutomation"
    CONDITIONAL = "ConditionalAutomation"
    HIGH = "HighAutomation"
    FULL = "FullAutomation"
    AUTONOMOUS = "Autonomous"


class Basis(StrEnum):
    """The lawful bases of GDPR 6(1), a to f."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal-obligation"
    VITAL_INTEREST = "vital-interest"
    PUBLIC_TASK = "public-task"
    LEGITIMATE_INTEREST = "legitimate-interest"


class ConsentState(StrEnum):
    """The ten states of a consent; only given and renewed allow."""

    UNKNOWN = "unknown"
    REQUESTED = "requested"
    DEFERRED = "deferred"
    GIVEN = "given"
    RENEWED = "renewed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVOKED = "revoked"
    INVALIDATED = "invalidated"


class FieldType(StrEnum):
    """What a field's value looks like; `policies/values.py` checks it."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    DATE = "date"
    ADDRESS = "address"
    CHOICE = "choice"
    FLAG = "flag"
    NUMBER = "number"
    LIST = "list"


class Identifier(StrEnum):
    """How a field finds a customer."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    EXTERNAL = "external"


class Sensitivity(StrEnum):
    """How much harm a field can do; special is GDPR 9(1)."""

    ORDINARY = "ordinary"
    SENSITIVE = "sensitive"
    SPECIAL = "special"


class Source(StrEnum):
    """How a value was gathered."""

    TOLD = "told"
    OBSERVED = "observed"
    INFERRED = "inferred"
    THIRD_PARTY = "third-party"


class StaffRole(StrEnum):
    """The roles of a person of the business."""

    COMPLIANCE = "compliance"
    STEWARD = "steward"
    SUPPORT = "support"
    ADMIN = "admin"


class Term(StrEnum):
    """The standing terms that a code lets its customers set."""

    PAUSE = "pause"
    NEVER_PURPOSE = "never-purpose"
    NEVER_APP = "never-app"
    NO_PROFILING = "no-profiling"
    ASK_EACH_TIME = "ask-each-time"
    NEVER_CHANNEL = "never-channel"
    QUIET_HOURS = "quiet-hours"
    LAPSE = "lapse"
    NO_SHARING = "no-sharing"
    AT_MOST = "at-most"


class Channel(StrEnum):
    """The ways to reach a customer; a field of the right type is the key to each."""

    PHONE = "phone"
    EMAIL = "email"
    POST = "post"
