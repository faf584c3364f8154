"""Codes made at random that are a little like another one, so that they can often be compared."""

from dataclasses import replace
from functools import lru_cache

from policies import stored
from policies.compile import load
from policies.model import (
    Automation,
    Basis,
    Benefit,
    Channel,
    FollowUp,
    Sensitivity,
    Source,
    StaffRole,
    Use,
)
from tests.policies.generated import APPS, EVENTS, FIELDS, PURPOSES, Writer, rulebook_of
from tests.policies.knowing import words

EVENT_NAMES = tuple(f"interaction.{one}" for one in EVENTS)
SPANS = ("P1M", "P30D", "P31D", "P6M", "P12M", "P1Y")


class Editor(Writer):
    """Changes a code a little, so that two codes can often be compared."""

    def code_like(self, code):
        fields = tuple(self.edited(one) for one in code.fields)
        events = tuple(self.edited_event(one) for one in code.interactions)
        apps = tuple(
            replace(one, external=self.maybe_other(one.external, [True, False]))
            for one in code.recipients
        )
        purposes = [
            self.edited_purpose(one) for one in code.purposes if self.random.random() < 0.95
        ]
        return replace(
            code,
            fields=fields,
            interactions=events,
            recipients=apps,
            purposes=tuple(purposes) or code.purposes,
            surveys=tuple(
                self.edited_survey(one) for one in code.surveys if self.random.random() < 0.95
            ),
            duplicates=self.edited_duplicates(code.duplicates),
            minimum_group=self.maybe_other(code.minimum_group, [None, 5, 10, 20]),
            derivations=tuple(
                self.edited_derivation(one)
                for one in code.derivations
                if self.random.random() < 0.93
            ),
            never=tuple(
                replace(one, profiling=self.maybe_other(one.profiling, [True, False]))
                for one in code.never
                if self.random.random() < 0.9
            ),
        )

    def edited_survey(self, one):
        first = one.questions[0]
        other = replace(first, low=self.random.choice([None, 1]), choices=first.choices[:1])
        return replace(
            one,
            purpose=self.rarely_other(one.purpose, PURPOSES),
            after=self.rarely_other(one.after, [one.after[:1], EVENT_NAMES]),
            answer=self.rarely_other(one.answer, EVENT_NAMES),
            channel=self.rarely_other(one.channel, Channel),
            wait=self.rarely_other(one.wait, SPANS),
            at_most=self.rarely_other(one.at_most, SPANS),
            expires=self.rarely_other(one.expires, SPANS),
            questions=self.rarely_other(
                one.questions, [(first,), (other,), (*one.questions, self.asked("more"))]
            ),
        )

    def edited_duplicates(self, one):
        if one is None or self.random.random() < 0.9:
            return one
        return replace(one, same=self.random.choice([one.same[:1], (FIELDS, *one.same)]))

    def edited_benefits(self, purpose):
        kept = tuple(
            replace(one, needs=self.maybe_other(one.needs, [one.needs[:1], FIELDS]))
            for one in purpose.benefits
            if self.random.random() < 0.95
        )
        more = Benefit("tea", words("tea"), (purpose.uses[0].name,))
        known = any(one.id == more.id for one in kept)
        return (*kept, more) if not known and self.random.random() < 0.05 else kept

    def edited_method(self, one):
        if one is None:
            return one
        return replace(one, least=self.maybe_other(one.least, [1, 2]))

    def rarely_other(self, value, values):
        return self.maybe_other(value, values) if self.random.random() < 0.4 else value

    def edited_derivation(self, one):
        return replace(
            one,
            method=self.edited_method(one.method),
            inputs=self.maybe_other(one.inputs, [one.inputs[:1], EVENT_NAMES]),
            automation=self.maybe_other(one.automation, Automation),
            purposes=self.maybe_other(one.purposes, [one.purposes[:1], PURPOSES]),
            decides=self.maybe_other(one.decides, [True, False]),
        )

    def maybe_other(self, value, values):
        return self.random.choice(list(values)) if self.random.random() < 0.12 else value

    def edited_event(self, one):
        return replace(
            self.edited(one),
            reaches=self.maybe_other(one.reaches, [None, *Channel]),
            portal=self.maybe_other(one.portal, [True, False]),
            follow_up=self.maybe_other(
                one.follow_up, [None, *(FollowUp(span, StaffRole.SUPPORT) for span in SPANS)]
            ),
        )

    def edited(self, one):
        return replace(
            one,
            sensitivity=self.maybe_other(one.sensitivity, Sensitivity),
            sources=self.maybe_other(one.sources, [one.sources, one.sources[:1], tuple(Source)]),
            retention=self.maybe_other(one.retention, SPANS),
            category=self.maybe_other(one.category, ["Name", "EmailAddress", "Contact"]),
        )

    def edited_purpose(self, one):
        names = {use.name for use in one.uses}
        more = [
            name for name in (*FIELDS, *(f"interaction.{e}" for e in EVENTS)) if name not in names
        ]
        uses = [
            replace(use, required=self.maybe_other(use.required, [True, False]))
            for use in one.uses
            if self.random.random() < 0.93
        ]
        if more and self.random.random() < 0.1:
            uses.append(Use(self.random.choice(more), one.uses[0].actions, required=False))
        return replace(
            one,
            uses=tuple(uses) or one.uses,
            recipients=self.maybe_other(one.recipients, [one.recipients[:1], APPS]),
            staff=self.maybe_other(one.staff, [(), tuple(StaffRole)]),
            expiry=self.maybe_other(one.expiry, [one.expiry, *SPANS]),
            explicit=self.maybe_other(one.explicit, [True, False]),
            profiling=self.maybe_other(one.profiling, [True, False]),
            benefits=self.edited_benefits(one),
            benefit=self.maybe_other(one.benefit, [words("benefit"), words("benefit. More.")]),
            types=self.maybe_other(
                one.types,
                [
                    ("CustomerCare",),
                    ("CustomerCare", "DirectMarketing"),
                    ("CustomerManagement",),
                    ("Marketing", "CommunicationForCustomerCare"),
                ],
            ),
            basis=self.maybe_other(one.basis, [Basis.CONSENT]),
        )


@lru_cache(maxsize=4_096)
def family(seed):
    """Three codes, each a little like the one before."""
    first = rulebook_of(seed)
    second = Editor(seed).code_like(first.code)
    third = Editor(seed + 1).code_like(second)
    return first, load(stored.dumps(second)), load(stored.dumps(third))
