"""Name the closed sets that have a word in each language of a code of ethics."""

from policies.names import (
    Action,
    Automation,
    Basis,
    Channel,
    Sensitivity,
    Source,
    StaffRole,
    Term,
)
from policies.survey import QuestionType

Closed = (
    Action | Automation | Basis | Channel | QuestionType | Sensitivity | Source | StaffRole | Term
)
