"""The call by which whoever makes a copy fetches what a service contributes to it; asked of a service with `of`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from marshmallow.validate import Length, OneOf

from shared.calls import Call
from shared.errors import NotFound
from shared.participation.export_values import Origin
from shared.records import Record


class PartCode(Record):
    """A code that may stand in a column, in words."""

    code: str
    nb: str
    en: str


class PartColumn(Record):
    """A column in words, where its values come from, and what the codes in it mean, if any stand there."""

    name: str
    nb: str
    en: str
    origin: Annotated[str, OneOf(tuple(Origin))]
    codes: tuple[PartCode, ...] = ()


class PartPage(Record):
    """A stretch of one table."""

    table: str
    nb: str
    en: str
    columns: tuple[PartColumn, ...]
    rows: tuple[Mapping[str, Any], ...]


class ExportPartShown(Record):
    """A page, null where nothing is held that is for this copy; `following` is where the next one begins."""

    page: PartPage | None
    following: str | None


class ExportPart(Call[ExportPartShown], refusals=(NotFound,), seconds=10.0):
    """A page of what the service holds on whom a copy was ordered of, from `after` on; at the beginning with null.

    Of whom is not said here: the service has heard `export.ordered`, as the trail has. What nobody ordered is
    `NotFound`, and so is what was ordered of somebody who has been erased since.
    """

    export_id: UUID
    after: Annotated[str, Length(max=200)] | None = None
