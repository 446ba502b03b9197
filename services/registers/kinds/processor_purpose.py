"""What a processor is used for besides what the terms name: two persons say it, by an agreement that allows it."""

from __future__ import annotations

from typing import Final

from services.registers.kinds.values import Field, Form, RecordKind

PROCESSOR: Final = "processor"
PURPOSE: Final = "purpose"

PROCESSOR_PURPOSE: Final = RecordKind(
    code="processor_purpose",
    version=1,
    of_account=False,
    fields=(
        Field(name=PROCESSOR, form=Form.CODE, codes=("mailgun",)),
        Field(name=PURPOSE, form=Form.CODE, codes=("marketing",)),
    ),
    key=(PROCESSOR, PURPOSE),
    two_persons=True,
    needs_evidence=True,
    review_months=12,
    kept_months=60,
)
