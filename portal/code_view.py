"""Hold the page of a code of ethics as its template reads it; made by `code_page.py` alone."""

from dataclasses import dataclass

from policies.model import Publisher
from policies.page_view import Named
from portal.words import Moment

Fact = tuple[str, str]  # as a program reads it, and as a person does


@dataclass(frozen=True, slots=True)
class Kept:
    """A field or a kind of contact: what, how, how long, what for."""

    name: str
    label: str
    why: str
    mark: str  # of what is sensitive; "" for all else
    sources: tuple[str, ...]
    lasts: str
    choices: tuple[str, ...]
    purposes: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]  # of a kind of contact


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one group; `label` is "" where the code names none."""

    id: str
    label: str
    why: str
    fields: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """What a clause does with one name."""

    name: str
    label: str
    actions: tuple[tuple[str, str], ...]  # id and word


@dataclass(frozen=True, slots=True)
class Reader:
    """Who may do it: an app or a role of staff."""

    anchor: str
    label: str
    place: str  # team, country; "" for staff
    external: bool
    safeguard: str


@dataclass(frozen=True, slots=True)
class Benefit:
    """What is given, and what for."""

    fact: Fact
    needs: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A purpose, in the words of the document."""

    id: str
    label: str
    what: str
    why: str
    benefit: str
    without: str
    basis: str
    balancing: str
    law: str
    uses: tuple[tuple[str, tuple[Use, ...]], ...]  # heading, and what stands under it
    readers: tuple[Reader, ...]
    until: str
    explicit: bool
    profiling: bool
    delay: str
    keep: str
    assessment: str
    benefits: tuple[str, tuple[Benefit, ...]]  # heading, and what stands under it


@dataclass(frozen=True, slots=True)
class Method:
    """What the vault counts, and which choice follows."""

    heading: str
    fact: Fact
    yields: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """How something is worked out about a customer, and the way out."""

    id: str
    label: str
    how: str
    field: str
    inputs: tuple[tuple[str, str], ...]
    automation: str
    purposes: tuple[tuple[str, str], ...]
    contest: str
    decides: str
    human: str
    method: Method | None


@dataclass(frozen=True, slots=True)
class Question:
    """A question, how it is answered, and what a low answer does."""

    fact: Fact
    form: str
    choices: tuple[Fact, ...]
    low: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What is asked; each heading before what stands under it."""

    id: str
    label: str
    invitation: str
    thanks: str
    purpose: tuple[str, Named]
    after: tuple[str, tuple[Named, ...]]
    how: tuple[str, tuple[Fact, ...]]
    answer: tuple[str, Named]
    questions: tuple[str, tuple[Question, ...]]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """When two customers may be one person."""

    heading: str
    purpose: tuple[str, Named]
    same: tuple[str, tuple[tuple[Named, ...], ...]]


@dataclass(frozen=True, slots=True)
class Right:
    """What a customer may ask for, where, and of what."""

    words: str
    href: str
    covers: str


@dataclass(frozen=True, slots=True)
class CodePage:
    """Everything of `/code`."""

    title: str
    lang: str  # of the texts
    version: str
    since: Moment
    digest: str
    in_force: bool
    sums: tuple[tuple[int, str], ...]
    promises: tuple[str, ...]
    never: tuple[tuple[str, str], ...]
    clauses: tuple[Clause, ...]
    groups: tuple[Group, ...]
    contacts: tuple[Kept, ...]
    sources: tuple[tuple[str, str], ...]
    readers: tuple[Reader, ...]
    derivations: tuple[Derivation, ...]
    decided: str  # that no machine decides alone; "" where one does
    rights: tuple[Right, ...]
    free: str
    terms: tuple[str, ...]
    rules: tuple[str, ...]
    least: Fact  # of how many customers a number must be
    surveys: tuple[str, tuple[Survey, ...]]  # heading, and what stands under it
    duplicates: Duplicates | None
    measures: tuple[str, ...]
    publisher: Publisher
    languages: tuple[tuple[str, str], ...]  # tag and name of each language of the code
    versions: tuple[tuple[str, Moment], ...]
    changes: str  # path of what it changed; "" for the first version
