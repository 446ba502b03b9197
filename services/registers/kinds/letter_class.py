"""The class of a letter: two persons say what it is, of just this text. Another text is another record."""

from __future__ import annotations

from typing import Final

from services.registers.kinds.values import Field, Form, RecordKind

LETTER: Final = "letter"

LETTER_CLASS: Final = RecordKind(
    code="letter_class",
    version=1,
    of_account=False,
    fields=(
        Field(name=LETTER, form=Form.PART),
        Field(name="letter_class", form=Form.CODE, codes=("service", "legal", "marketing", "product_news")),
        Field(
            name="purpose",
            form=Form.CODE,
            codes=("account_registration", "password_change", "support", "legal_notice", "marketing"),
        ),
        Field(name="text_sha256", form=Form.DIGEST),
    ),
    key=(LETTER,),
    two_persons=True,
    needs_evidence=False,
    review_months=12,
    kept_months=36,
)
