"""A mandate (fullmakt): a customer lets us notify the authority of a breach in its name."""

from __future__ import annotations

from typing import Final

from services.registers.kinds.values import Field, Form, RecordKind

FIRST: Final = "first"
"""The first notice alone, which keeps the time."""
FULL: Final = "full"

MANDATE: Final = RecordKind(
    code="mandate",
    version=1,
    of_account=True,
    fields=(
        Field(name="scope", form=Form.CODE, codes=(FIRST, FULL)),
        Field(name="signer", form=Form.USER),
        Field(name="text_sha256", form=Form.DIGEST),
    ),
    key=(),
    two_persons=True,
    needs_evidence=True,
    review_months=12,
    kept_months=36,
)
