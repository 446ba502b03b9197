"""Which rows of this service lie sealed under whose data key; after a renewal they are sealed anew (ADR 0016)."""

from __future__ import annotations

from typing import Final

from services.account.field_encryption.sealing import COMPANY_TEXTS, NOBODY, PERSON_TEXTS
from shared.database.pool import Row
from shared.privacy import Subject
from shared.privacy.reencryption import SealedTable


def _of_attempt(row: Row) -> Subject:
    return NOBODY if row["sealed_for_nobody"] else Subject.person(row["user_id"], row["account_id"])


def _of_person(row: Row) -> Subject:
    return Subject.person(row["user_id"], row["account_id"])


def _of_either(row: Row) -> Subject:
    """Whose copy it is: that of a person, or of the company where nobody is named."""
    if row["user_id"] is None:
        return Subject.company(row["account_id"])
    return _of_person(row)


def _sealed(*names: str) -> dict[str, str]:
    return {f"{name}_sealed": name for name in names}


TABLES: Final = (
    SealedTable("account", "id", ("id",), _sealed(*COMPANY_TEXTS), lambda row: Subject.company(row["row_id"])),
    SealedTable(
        "account_user",
        "id",
        ("account_id",),
        _sealed(*PERSON_TEXTS, "new_email"),
        lambda row: Subject.person(row["row_id"], row["account_id"]),
    ),
    SealedTable("former_address", "id", ("user_id", "account_id"), _sealed("email"), _of_person),
    SealedTable(
        "login_attempt",
        "id",
        ("user_id", "account_id", "sealed_for_nobody"),
        _sealed("ip", "user_agent"),
        _of_attempt,
    ),
    SealedTable("agreement", "id", ("user_id", "account_id"), _sealed("ip"), _of_person),
    SealedTable(
        "nonconformity_report",
        "id",
        ("account_id",),
        _sealed("text"),
        lambda row: Subject.company(row["account_id"]),
    ),
    SealedTable("support_message", "id", ("user_id", "account_id"), _sealed("text"), _of_person),
    SealedTable("export_page", "id", ("user_id", "account_id"), _sealed("page"), _of_either),
    SealedTable("export_transfer", "id", ("user_id", "account_id"), _sealed("receiver"), _of_person),
    SealedTable("export_chunk", "id", ("user_id", "account_id"), _sealed("chunk"), _of_either),
)
