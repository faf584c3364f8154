"""What a code of ethics says of contacts, benefits, methods, surveys and duplicates, as facts.

A fact is what it is about, its kind, and its values. `of_code` takes it from the document itself;
each reader takes one form as it is handed out and knows nothing of the code that it is of. Readers
of the forms for people are in `tests/policies/facts_read.py`.
"""

import json

from policies.durations import Duration
from policies.model import Code

Facts = set[tuple[str, ...]]

NONE = "-"
CODE = ""  # what is about the whole code


def span(written: str | None) -> str:
    """Say a duration in one way: P12M is P1Y."""
    parsed = Duration.parse(written or "")
    return f"{parsed.months} {parsed.days}" if parsed else NONE


def _low(number: object) -> str:
    return NONE if number is None else str(number)


def of_code(code: Code) -> Facts:
    """Take the facts of the document."""
    found: Facts = {(CODE, "minimum_group", str(code.minimum_group or 10))}
    for kind in code.interactions:
        if kind.reaches:
            found.add((kind.name, "reaches", kind.reaches))
        if kind.portal:
            found.add((kind.name, "portal"))
        if kind.follow_up:
            rule = kind.follow_up
            found.add((kind.name, "follow_up", span(rule.within), rule.owner))
    for purpose in code.purposes:
        found |= {(purpose.id, "benefit", it.id, *it.needs) for it in purpose.benefits}
    for one in code.derivations:
        about, how = f"derivation-{one.id}", one.method
        if how is None:
            continue
        held = (how.function, span(how.period), how.fact or NONE, str(how.least))
        found.add((about, "method", *held))
        found |= {(about, "band", it.id, str(it.start)) for it in how.bands}
        for it in how.segments:
            needs = (f"{need.field}={','.join(need.values)}" for need in it.when)
            found.add((about, "segment", it.id, *needs))
        found |= {
            (about, "way", it.id, *(f"interaction.{kind}" for kind in it.kinds)) for it in how.ways
        }
    for survey in code.surveys:
        about = f"survey-{survey.id}"
        found |= {
            (about, "purpose", survey.purpose),
            (about, "after", *survey.after),
            (about, "answer", survey.answer),
            (about, "channel", survey.channel),
            *((about, key, span(getattr(survey, key))) for key in ("wait", "at_most", "expires")),
        }
        for asked in survey.questions:
            found.add((about, "question", asked.id, asked.type, _low(asked.low)))
            found |= {(about, "choice", asked.id, it.id) for it in asked.choices}
    if code.duplicates:
        found.add(("duplicates", "purpose", code.duplicates.purpose))
        found |= {("duplicates", "same", *names) for names in code.duplicates.same}
    return found


def of_json(document: bytes) -> Facts:
    """Read the canonical JSON."""
    code = json.loads(document)
    found: Facts = {(CODE, "minimum_group", str(code.get("minimum_group", 10)))}
    for kind in code["interactions"]:
        about = f"interaction.{kind['kind']}"
        if "reaches" in kind:
            found.add((about, "reaches", kind["reaches"]))
        if kind.get("portal"):
            found.add((about, "portal"))
        if "follow_up" in kind:
            rule = kind["follow_up"]
            found.add((about, "follow_up", span(rule["within"]), rule["owner"]))
    for one in code["purposes"]:
        found |= {(one["id"], "benefit", it["id"], *it["needs"]) for it in one.get("benefits", ())}
    for one in code.get("derivations", ()):
        if "method" in one:
            found |= _json_method(f"derivation-{one['id']}", one["method"])
    for one in code.get("surveys", ()):
        about = f"survey-{one['id']}"
        found |= {(about, key, one[key]) for key in ("purpose", "answer", "channel")}
        found |= {(about, key, span(one[key])) for key in ("wait", "at_most", "expires")}
        found.add((about, "after", *one["after"]))
        for asked in one["questions"]:
            found.add((about, "question", asked["id"], asked["type"], _low(asked.get("low"))))
            found |= {(about, "choice", asked["id"], it["id"]) for it in asked.get("choices", ())}
    if "duplicates" in code:
        found.add(("duplicates", "purpose", code["duplicates"]["purpose"]))
        found |= {("duplicates", "same", *names) for names in code["duplicates"]["same"]}
    return found


def _json_method(about: str, how: dict) -> Facts:
    held = (span(how.get("period")), how.get("fact", NONE), str(how.get("least", 1)))
    found: Facts = {(about, "method", how["function"], *held)}
    found |= {(about, "band", it["id"], str(it["start"])) for it in how.get("bands", ())}
    for it in how.get("segments", ()):
        needs = (f"{need['field']}={','.join(need['values'])}" for need in it["when"])
        found.add((about, "segment", it["id"], *needs))
    for it in how.get("ways", ()):
        found.add((about, "way", it["id"], *(f"interaction.{kind}" for kind in it["kinds"])))
    return found


def of_jsonld(document: bytes) -> Facts:
    """Read the linked data."""
    code = json.loads(document)
    here = f"{code['url']}#"

    def name(ref: dict) -> str:
        return ref["@id"].removeprefix(here)

    found: Facts = {
        (CODE, "minimum_group", str(one["minimum"])) for one in code["rules"] if "minimum" in one
    }
    for one in code["data"]:
        about = one["identifier"]
        if "channel" in one:
            found.add((about, "reaches", one["channel"]))
        if "writers" in one:
            found.add((about, "portal"))
        if "followUp" in one:
            rule = one["followUp"]
            (owner,) = map(name, rule["staff"])
            held = (span(rule["duration"]), owner.removeprefix("staff-"))
            found.add((about, "follow_up", *held))
    for one in code["processes"]:
        for it in one.get("benefits", ()):
            found.add((one["identifier"], "benefit", it["identifier"], *map(name, it["data"])))
    for one in code["derivations"]:
        if "logic" not in one:
            continue
        about, how = f"derivation-{one['identifier']}", one["logic"]
        counted = (span(how.get("duration")), how.get("fact", NONE), str(how["minimum"]))
        found.add((about, "method", how["form"], *counted))
        for part in how.get("parts", ()):
            choice = part["identifier"]
            if "minimum" in part:
                found.add((about, "band", choice, str(part["minimum"])))
            elif "when" in part:
                needs = (
                    f"{name(need['data'][0])}={','.join(need['values'])}" for need in part["when"]
                )
                found.add((about, "segment", choice, *needs))
            else:
                found.add((about, "way", choice, *map(name, part["data"])))
    for one in code.get("surveys", ()):
        about = f"survey-{one['identifier']}"
        (purpose,) = map(name, one["within"])
        found |= {
            (about, "purpose", purpose),
            (about, "after", *map(name, one["data"])),
            (about, "answer", name(one["outcome"])),
            (about, "channel", one["channel"]),
            (about, "wait", span(one["wait"])),
            (about, "at_most", span(one["frequency"]["duration"])),
            (about, "expires", span(one["duration"])),
        }
        for asked in one["parts"]:
            question = asked["identifier"]
            found.add((about, "question", question, asked["form"], _low(asked.get("maximum"))))
            found |= {
                (about, "choice", question, it["identifier"]) for it in asked.get("parts", ())
            }
    if "duplicates" in code:
        (purpose,) = map(name, code["duplicates"]["within"])
        found.add(("duplicates", "purpose", purpose))
        found |= {
            ("duplicates", "same", *map(name, it["data"])) for it in code["duplicates"]["parts"]
        }
    return found
