"""When somebody may be made to pay for a deviation. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.cases.costs.values import CUSTOMER, DECIDED_IN, CostDecision
from services.cases.engine.values import Case
from shared.errors import Conflict
from shared.terms.clauses.incidents import MENDED_FREE_OF_CHARGE
from shared.terms.rule_registry import enforces


def check_case(case: Case) -> None:
    """Raise `Conflict` for a case that is no deviation."""
    if case.kind not in DECIDED_IN:
        raise Conflict("nothing is paid for a case of this kind", details={"reason": "other_kind"})


@enforces(MENDED_FREE_OF_CHARGE)
def check_customer(*, is_about_it: bool) -> None:
    """Raise `Conflict` where the case is not about the customer for whose part somebody pays."""
    if not is_about_it:
        raise Conflict("the case is not about this customer", details={"reason": "other_customer"})


@enforces(MENDED_FREE_OF_CHARGE)
def counting(decisions: Sequence[CostDecision]) -> frozenset[UUID]:
    """Those that count of the decisions of one case, which stand the newest first.

    One about all of a case replaces those before it; one about a customer's part, those about that part. A customer
    pays only where one that counts says so: where nobody decided, it is free.
    """
    found, replaced = set[UUID](), set[UUID]()
    for each in decisions:
        if each.account_id is None and not each.customer_erased:
            return frozenset({*found, each.id})
        if each.account_id is None or each.account_id not in replaced:
            found.add(each.id)
        if each.account_id is not None:
            replaced.add(each.account_id)
    return frozenset(found)


@enforces(MENDED_FREE_OF_CHARGE)
def told(before: Sequence[CostDecision], decision: CostDecision) -> frozenset[UUID]:
    """The customers to be told of a decision: who is to pay, and who was to pay until now and is not any more.

    `before` are those of the case that were made before, the newest first. Whoever had nothing to pay is told
    nothing.
    """
    if decision.bearer == CUSTOMER:
        return frozenset({decision.account_id} if decision.account_id is not None else ())

    def paying(decisions: Sequence[CostDecision]) -> set[UUID]:
        standing = counting(decisions)
        return {
            each.account_id
            for each in decisions
            if each.id in standing and each.bearer == CUSTOMER and each.account_id is not None
        }

    return frozenset(paying(before) - paying([decision, *before]))
