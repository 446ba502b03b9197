"""A week of duty: who answers for what machines open, and who is next."""

from __future__ import annotations

from typing import Final

from services.registers.kinds.values import Field, Form, RecordKind

WEEK: Final = "week_on"
PERSON: Final = "person"
DEPUTY: Final = "deputy"

DUTY_ROTA: Final = RecordKind(
    code="duty_rota",
    version=1,
    of_account=False,
    fields=(
        Field(name=WEEK, form=Form.MONDAY),
        Field(name=PERSON, form=Form.STAFF),
        Field(name=DEPUTY, form=Form.STAFF),
    ),
    key=(WEEK,),
    two_persons=False,
    needs_evidence=False,
    review_months=None,
    kept_months=12,
    days=7,
)
