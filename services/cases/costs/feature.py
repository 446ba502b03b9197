"""Takes down who pays for a deviation. Nothing else makes a customer pay for one, and nothing is billed here."""

from __future__ import annotations

from dataclasses import dataclass

from services.cases.costs import calls, rules, store
from services.cases.costs.events import CaseChargeDecided, CaseCostDecided
from services.cases.costs.values import CUSTOMER, VENDOR, CostDecision
from services.cases.decisions.calls import CaseChanged
from services.cases.engine import rules as engine
from services.cases.engine import store as cases
from services.cases.engine.opening import staff_code
from services.cases.engine.values import CaseFile
from shared.bus import Feature, answers
from shared.bus.statement_check import two_persons
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Transaction
from shared.events import Code, Digest
from shared.identifiers import new_id


@dataclass(kw_only=True, eq=False)
class Costs(Feature):
    """Also of cases that have ended: what a deviation has cost is known only then."""

    database: Database
    clock: Clock

    @answers(calls.BearCost)
    def bear_cost(self, call: calls.BearCost, tx: Transaction) -> CaseChanged:
        """The vendor pays."""
        file = cases.lock(tx, call.case_id)
        engine.check_version(file.case, call.version)
        rules.check_case(file.case)
        if call.account_id is not None:
            rules.check_customer(is_about_it=store.is_about(tx, call.case_id, call.account_id))
        decision = CostDecision(
            id=new_id(),
            case_id=call.case_id,
            account_id=call.account_id,
            customer_erased=False,
            bearer=VENDOR,
            reason=call.reason,
            evidence_sha256=None,
            decided_by=str(call.actor),
            decided_at=self.clock.now(),
            approved_by=None,
            approval_id=None,
        )
        return _keep(tx, file, decision)

    @answers(calls.ChargeCustomer)
    def charge_customer(self, call: calls.ChargeCustomer, tx: Transaction) -> CaseChanged:
        """One customer pays, as two persons have signed."""
        persons = two_persons()
        file = cases.lock(tx, call.case_id)
        rules.check_case(file.case)
        rules.check_customer(is_about_it=store.is_about(tx, call.case_id, call.account_id))
        decision = CostDecision(
            id=new_id(),
            case_id=call.case_id,
            account_id=call.account_id,
            customer_erased=False,
            bearer=CUSTOMER,
            reason=call.reason,
            evidence_sha256=call.evidence_sha256,
            decided_by=persons.requested_by,
            decided_at=self.clock.now(),
            approved_by=persons.approved_by,
            approval_id=persons.approval_id,
        )
        return _keep(tx, file, decision)

    @answers(calls.ShowCosts)
    def show_costs(self, call: calls.ShowCosts) -> calls.CostsShown:
        """Who pays."""
        with self.database.transaction() as tx:
            cases.get(tx, call.case_id)
            found = store.of_case(tx, call.case_id)
        counting = rules.counting(found)
        return calls.CostsShown(
            costs=tuple(calls.CostShown.of(each, cost_id=each.id, counts=each.id in counting) for each in found)
        )


def _keep(tx: Transaction, file: CaseFile, decision: CostDecision) -> CaseChanged:
    customers = rules.told(store.of_case(tx, file.case.id), decision)
    case = cases.raise_version(tx, file.case)
    store.decide(tx, decision)
    event = CaseCostDecided(
        case_id=case.id,
        cost_id=decision.id,
        account_id=decision.account_id,
        bearer=Code(decision.bearer),
        reason=Code(decision.reason),
        digest=Digest(decision.evidence_sha256) if decision.evidence_sha256 else None,
        approved_by=staff_code(decision.approved_by),
        approval_id=decision.approval_id,
    )
    with acting_as(decision.decided_by):
        tx.outbox.add(event, now=decision.decided_at, sequence=case.version)
        for account_id in sorted(customers):
            told = CaseChargeDecided(
                case_id=case.id,
                cost_id=decision.id,
                account_id=account_id,
                bearer=event.bearer,
                reason=event.reason,
            )
            tx.outbox.add(told, now=decision.decided_at)
    return CaseChanged(case_id=case.id, version=case.version, state=case.state)
