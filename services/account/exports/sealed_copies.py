"""Under whose key a copy lies, and for which place its pages and the pieces of its file are sealed."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.account.exports.values import Export
from shared.privacy import KeyGoneError, Sealed, Subject, Vault

PAGE: Final = ("export_page", "page")
CHUNK: Final = ("export_chunk", "chunk")
"""Table and column that a page and a piece of the file are sealed for."""


def opened(vault: Vault, export: Export, place: tuple[str, str], row: UUID, sealed: bytes) -> str:
    """A page or a piece of the file. Raises `KeyGoneError` once the erasure of whom it is about has begun."""
    (text,) = vault.unseal_many([Sealed(subject_of(export), *place, row, sealed)])
    if text is None:
        raise KeyGoneError("the erasure has begun")
    return text


def subject_of(export: Export) -> Subject:
    """Under whose key a copy lies until it is gone."""
    if export.user_id is None:
        return Subject.company(export.account_id)
    return Subject.person(export.user_id, export.account_id)
