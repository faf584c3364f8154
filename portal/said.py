"""Say what came of a form on the page of a detail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.language import N_

DONE: Final[Mapping[str, str]] = {
    "correct": N_("Kept as you wrote it. Apps get this from now on."),
    "delete": N_("Deleted. Nobody can bring it back."),
    "dispute": N_("Noted: you say that this is wrong. Whoever reads it sees that."),
    "undispute": N_("Noted: you no longer say that this is wrong."),
    "contest": N_("Noted: you say that this is wrong. It is deleted and not worked out again."),
    "take-back": N_("Noted: we may work this out again. That happens once a day."),
    "confirm": N_("Noted: you say that this is right."),
    "restrict": N_("Restricted. From this moment no app reads or changes it."),
    "lift": N_("Lifted. It is used again as it was before."),
    "delete-held": N_("Deleted from your data. What the legal hold below keeps stays sealed."),
    "same": N_("Nothing was to be changed. All is as it was."),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What happened just now, or what hinders it; all "" on a first look."""

    done: str
    message: str  # why the page is shown again
    wrong: str  # what is wrong with what was typed
    unsure: str  # what is missing before deleting
