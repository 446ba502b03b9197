"""Where the public interface differs from the calls behind it: in a name, in what it tells, where a text is read.

All other bodies and replies are described by the classes of the calls (`bodies.py`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import marshmallow as ma
from marshmallow import fields, validate

from services.account.agreements.calls import AgreementShown, Sentence
from services.account.companies.calls import PostalAddressShown
from services.cases.data_packs.calls import DataPackShown, FiledFor
from shared import breach_words
from shared.field_limits import PASSWORD_READ_LIMIT
from shared.records import Record
from shared.words import Words


class Deactivate(ma.Schema):
    """The end of an account, with the current password, of the version last read."""

    class Meta:
        """Refuse what is not listed."""

        unknown = ma.RAISE

    version = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1),
        metadata={"description": "The version you read; a change to another one is refused with 409."},
    )
    current_password = fields.String(
        required=True,
        validate=validate.Length(min=1, max=PASSWORD_READ_LIMIT),
        metadata={
            "description": "The password, once more.",
            "format": "password",
        },
    )


class Terminate(Deactivate):
    """Notice of termination, with the current password, of the version last read.

    The name `password`, as the field was called at first, is taken too.
    """

    @ma.pre_load
    def _first_name(self, data: Any, **_: Any) -> Any:
        """Take the field by its first name, for programs that were written then; never both."""
        if isinstance(data, dict) and "password" in data and "current_password" not in data:
            return {("current_password" if name == "password" else name): value for name, value in data.items()}
        return data


class TermsText(Record):
    """The text of a version in one language: its digest, and where it is read byte for byte."""

    language: str
    sha256: str
    path: str


class TermsVersion(Record):
    """A version of the terms; a sign-up accepts the one in force."""

    version: str
    valid_from: date
    in_force: bool
    is_demo: bool
    page: str
    texts: tuple[TermsText, ...]


class TermsVersions(Record):
    """The versions of the terms, and the sentences that a sign-up confirms."""

    versions: tuple[TermsVersion, ...]
    sentences: tuple[Sentence, ...]


class Account(Record):
    """The company's account, without what staff have noted about it."""

    account_id: UUID
    version: int
    state: str
    name: str
    email: str
    phone: str
    org_number: str | None
    contact_address: PostalAddressShown | None
    billing_address: PostalAddressShown | None
    org_form: str | None
    language: str
    register_outcome: str
    created_at: datetime
    agreement: AgreementShown | None
    notice_months: Annotated[int, "The notice period of this contract in calendar months."]
    noticed_on: Annotated[date | None, "The day notice of termination was received, in Oslo."]
    notice_ends_on: Annotated[date | None, "The last day of the notice period, in Oslo."]


class Said(Record):
    """A code with its words in Norwegian and in English."""

    code: str
    nb: str
    en: str


class NoticeInDataPack(Record):
    """A notice to the company of a breach: what GDPR article 33(3) asks for, and what is not known yet."""

    number: int
    is_partial: bool
    decided_at: datetime
    sent_at: datetime
    told_at: Annotated[datetime | None, "When the company's mail had it; null while that is not known."]
    natures: tuple[Said, ...]
    causes: tuple[Said, ...]
    groups: tuple[Said, ...]
    data: tuple[Said, ...]
    whereabouts: tuple[Said, ...]
    records: Annotated[int | None, "About how many records are concerned, of all customers together."]
    consequences: tuple[Said, ...]
    measures: tuple[Said, ...]
    advice: tuple[Said, ...]
    unknown: tuple[Said, ...]
    late_reason: Said | None


class BreachDataPack(Record):
    """What the company needs to notify the authority of a breach by itself; it says nothing of other customers."""

    case_id: UUID
    reference: Annotated[str, "To be named to the vendor, who answers questions about it free of charge."]
    prepared_at: datetime
    occurred_from: datetime | None
    occurred_to: datetime | None
    detected_at: datetime | None
    aware_at: Annotated[datetime | None, "When the vendor became reasonably certain."]
    told_at: Annotated[datetime | None, "When the company was told first: its own time runs."]
    authority_due: Annotated[datetime | None, "Until when the company notifies the authority in time."]
    persons: Annotated[int, "Of the company's users, those whom it concerns."]
    notices: tuple[NoticeInDataPack, ...]
    filed: Annotated[tuple[FiledFor, ...], "Notices to the authority by the company's mandate."]
    unanswered: Annotated[tuple[str, ...], "What the authority asks for, and the vendor cannot answer."]


def data_pack(shown: DataPackShown) -> BreachDataPack:
    """The data pack with its codes in words."""
    notices = tuple(
        NoticeInDataPack.of(
            each,
            **{
                name: tuple(_said(words, code) for code in getattr(each, name))
                for name, words in breach_words.OF_NOTICE.items()
            },
            late_reason=_said(breach_words.LATE, each.late_reason) if each.late_reason else None,
        )
        for each in shown.notices
    )
    return BreachDataPack.of(shown, notices=notices)


def _said(words: Words, code: str) -> Said:
    return Said(**breach_words.in_both(words, code))
