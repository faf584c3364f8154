"""Say in words what there is to do for a request, to staff and to the customer alike."""

from typing import Final

from portal.language import N_, translate
from vault.core.request_task import Task

_TASKS: Final = {
    Task.TAKE: N_("Somebody looks after it"),
    Task.IDENTITY: N_("It is sure enough who asks"),
    Task.FIND: N_("What it is about was found"),
    Task.OTHERS: N_("It was looked through for details of other people"),
    Task.LAWS: N_("Laws and legal holds that keep something were checked"),
    Task.CORRECT: N_("It was corrected"),
    Task.STOP: N_("The use was stopped"),
    Task.ERASE: N_("It was erased"),
    Task.COPY: N_("The copy was made"),
    Task.APPS: N_("Whoever got it was told"),
    Task.ANSWER: N_("The answer was written"),
}


def words(task: Task, lang: str) -> str:
    """Return what is done when a step is done."""
    return translate(lang, _TASKS[task])
