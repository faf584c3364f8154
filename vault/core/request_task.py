"""Say what there is to do for each kind of request, one step after the other.

The steps are a list to tick, for staff to see what is done and by whom, and for the customer to see
the same. They decide nothing: what may happen to a request is `vault/core/request.py`.
Source: GDPR 12 and 15 to 22.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from vault.core.request import Kind


class Task(StrEnum):
    """One step."""

    TAKE = "take"  # somebody looks after it; who ticked it is the one to turn to
    IDENTITY = "identity"  # whether it is the customer who asks
    FIND = "find"  # what it is about
    OTHERS = "others"  # whether it holds something about other people
    LAWS = "laws"  # whether a law or a legal hold keeps something
    CORRECT = "correct"
    STOP = "stop"  # the use that was objected to, or that is to be restricted
    ERASE = "erase"
    COPY = "copy"
    APPS = "apps"  # whom to tell, GDPR 19
    ANSWER = "answer"


TASKS: Final[Mapping[Kind, tuple[Task, ...]]] = {
    Kind.ACCESS: (Task.TAKE, Task.IDENTITY, Task.FIND, Task.OTHERS, Task.COPY, Task.ANSWER),
    Kind.RECTIFY: (Task.TAKE, Task.IDENTITY, Task.FIND, Task.CORRECT, Task.APPS, Task.ANSWER),
    Kind.ERASE: (
        Task.TAKE,
        Task.IDENTITY,
        Task.FIND,
        Task.LAWS,
        Task.ERASE,
        Task.APPS,
        Task.ANSWER,
    ),
    Kind.RESTRICT: (Task.TAKE, Task.IDENTITY, Task.FIND, Task.STOP, Task.APPS, Task.ANSWER),
    Kind.OBJECT: (Task.TAKE, Task.FIND, Task.STOP, Task.ANSWER),
    Kind.PORT: (Task.TAKE, Task.IDENTITY, Task.OTHERS, Task.COPY, Task.ANSWER),
    Kind.QUESTION: (Task.TAKE, Task.FIND, Task.ANSWER),
}


def of(kind: Kind) -> tuple[Task, ...]:
    """Return the steps of a kind of request, in their order."""
    return TASKS[kind]
