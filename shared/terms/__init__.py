"""The promises of the published terms as objects, and who keeps them.

A rule names the clause it enforces with `@enforces(erasure.ERASE_AFTER_INACTIVE)`, a test the clause it checks with
`@pytest.mark.clause("ERASE-1")`, a look at the running system with `@probe("ERASE-1", …)`; `make terms` prints all
three beside each promise. This package imports no other of ours.
"""

from shared.terms.clause import Clause, Value
from shared.terms.clauses import BY_ID, CLAUSES, UnknownClauseError, clause
from shared.terms.parameters import PARAMETERS, Parameter, parameter
from shared.terms.rule_registry import Enforcement, enforced_by, enforces, registered

__all__ = [
    "BY_ID",
    "CLAUSES",
    "PARAMETERS",
    "Clause",
    "Enforcement",
    "Parameter",
    "UnknownClauseError",
    "Value",
    "clause",
    "enforced_by",
    "enforces",
    "parameter",
    "registered",
]
