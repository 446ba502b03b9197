"""Reports of customers: what was written is sealed here and goes no further; cases is told that there is one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.publishing import acting_user
from services.account.authentication.credentials import Authentication, error_of_refusal
from services.account.authorisation.access import enter, enter_to_read
from services.account.field_encryption.sealing import Sealing, locked_under_erasure
from services.account.nonconformities import calls, rules, store
from services.account.nonconformities.events import NonconformityReported
from services.account.nonconformities.values import TEXT
from shared.bus import Feature, answers
from shared.case_references import reference_of
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Conflict, Forbidden, Refused
from shared.events import Code
from shared.identifiers import derived_id, new_id
from shared.privacy import Sealed, Subject

SHOWN: Final = ("user_id", "about", "noticed_at", "received_at")


@dataclass(eq=False)
class Nonconformities(Feature):
    """Takes reports in and shows them."""

    database: Database
    clock: Clock
    sealing: Sealing
    authentication: Authentication

    @answers(calls.ReportNonconformity)
    def report_nonconformity(self, call: calls.ReportNonconformity, tx: Transaction) -> calls.Reported:
        """Somebody at a customer reports, in a session."""
        account, user = enter(tx, call)
        if user is None:
            raise Forbidden("a customer reports this; staff report to cases")
        return self._take(tx, account.id, user.id, call)

    @answers(calls.ReportWithPassword)
    def report_with_password(self, call: calls.ReportWithPassword) -> calls.Reported:
        """The same with address and password, for who cannot log in."""
        proof, now = self.authentication.compare(call), self.clock.now()
        refused: Refused | None = None
        with self.database.transaction() as tx:
            settled = self.authentication.settle(tx, proof, rules.report_refusal, lock="share", now=now)
            if settled.user is not None and settled.account is not None:
                try:
                    return self._take(tx, settled.account.id, settled.user.id, call, call.key)
                except Refused as error:  # the password was right, and that stands: nothing else was written
                    refused = error
        raise refused or error_of_refusal(settled.refusal)

    def _take(
        self, tx: Transaction, account_id: UUID, user_id: UUID, report: calls.Report, key: str | None = None
    ) -> calls.Reported:
        now = self.clock.now()
        accounts.user(tx, user_id, lock=True)  # of two reports at once the second one knows of the first
        report_id = new_id() if key is None else derived_id(NonconformityReported.type, user_id, key)
        if key is not None and (known := store.get(tx, report_id)) is not None:
            if (known["about"], known["noticed_at"]) != (report.about, report.noticed_at):
                raise Conflict("This key was sent with another report.", details={"reason": "key_of_another"})
            return _reported(report_id, known["received_at"])
        rules.check_noticed(report.noticed_at, now)
        rules.check_often(store.earlier(tx, user_id, now=now), now)
        table, column = TEXT
        with locked_under_erasure("the erasure of the account has begun"):
            sealed = self.sealing.vault.seal(
                Subject.company(account_id), table=table, column=column, row=report_id, text=report.text
            )
        row = {
            "id": report_id, "account_id": account_id, "user_id": user_id, "about": report.about,
            "text_sealed": sealed, "noticed_at": report.noticed_at,
        }  # fmt: skip
        store.add(tx, row, now=now)
        with acting_user(user_id):
            event = NonconformityReported(
                account_id=account_id, user_id=user_id, report_id=report_id, about=Code(report.about)
            )
            tx.outbox.add(event, now=now)
        return _reported(report_id, now)

    @answers(calls.NonconformityReports)
    def nonconformity_reports(self, call: calls.NonconformityReports) -> calls.ReportsShown:
        """What people of a customer have reported, in their own words."""
        table, column = TEXT
        with self.database.transaction() as tx:
            reader = enter_to_read(tx, call)
            own = reader.id if reader is not None and reader.role != "owner" else None
            found = store.of_account(tx, call.account_id, own, call.report_id)
        rows = found[: rules.SHOWN_MOST]
        texts = self.sealing.vault.unseal_many(
            [
                Sealed(Subject.company(row["account_id"]), table, column, row["id"], row["text_sealed"])
                for row in rows
            ]
        )
        read = list(zip(rows, texts, strict=True))[: rules.fitting(texts)]
        read.sort(key=lambda each: (each[0]["received_at"], each[0]["id"]), reverse=True)
        return calls.ReportsShown(
            reports=tuple(
                calls.ReportShown(
                    **{name: row[name] for name in SHOWN},
                    report_id=row["id"],
                    reference=reference_of(row["id"]),
                    text=text,
                )
                for row, text in read
            ),
            complete=len(read) == len(found),
        )


def _reported(report_id: UUID, received_at: datetime) -> calls.Reported:
    return calls.Reported(report_id=report_id, reference=reference_of(report_id), received_at=received_at)
