"""An agreement that a customer is told when security measures change, and who of its people are told."""

from __future__ import annotations

from typing import Final

from services.registers.kinds.values import Field, Form, RecordKind

SECURITY_NOTICE_AGREEMENT: Final = RecordKind(
    code="security_notice_agreement",
    version=1,
    of_account=True,
    fields=(Field(name="recipients", form=Form.USERS),),
    key=(),
    two_persons=True,
    needs_evidence=True,
    review_months=12,
    kept_months=36,
)
