"""Contributes to copies for any service: hears of whom one is ordered, and hands out its tables page by page."""

from __future__ import annotations

from shared.bus import Feature, answers, handles
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import NotFound
from shared.events import Received
from shared.participation import export_orders
from shared.participation.calls import ExportPart, ExportPartShown, PartCode, PartColumn, PartPage
from shared.participation.contribution import Column, Contribution, Page
from shared.participation.events import ErasureOrdered, ExportOrdered
from shared.participation.export_values import ExportKind, ExportScope


class Exporting(Feature):
    """The conversation about copies, around the tables of one service."""

    def __init__(self, database: Database, clock: Clock, contribution: Contribution) -> None:
        """`contribution` are the service's own tables."""
        self._database = database
        self._clock = clock
        self.contribution = contribution

    @handles(ExportOrdered)
    def hear_order(self, message: Received[ExportOrdered], tx: Transaction) -> None:
        """A copy is being made of somebody: what is fetched for it from now on is handed out."""
        event = message.event
        scope = ExportScope(
            account_id=event.account_id,
            user_id=event.user_id,
            kind=ExportKind(event.kind),
            with_company=event.with_company is True,
        )
        export_orders.keep(tx, event.export_id, scope, message.time)

    @handles(ErasureOrdered)
    def forget_orders(self, message: Received[ErasureOrdered], tx: Transaction) -> None:
        """Whoever is erased is handed out to nobody any more, whether or not this service takes part in it."""
        export_orders.erase(tx, message.event.account_id, message.event.user_id, message.time)

    @answers(ExportPart)
    def export_part(self, call: ExportPart) -> ExportPartShown:
        """A page of what is held on whom the copy was ordered of."""
        with self._database.transaction() as tx:
            scope = export_orders.find(tx, call.export_id, self._clock.now())
        if scope is None:
            raise NotFound("no copy was ordered under this id")
        return shown(self.contribution.page(scope, call.after))


def shown(page: Page | None) -> ExportPartShown:
    """A page as it travels."""
    if page is None:
        return ExportPartShown(page=None, following=None)
    columns = tuple(map(_column, page.columns))
    return ExportPartShown(
        page=PartPage(table=page.table.name, nb=page.table.nb, en=page.table.en, columns=columns, rows=page.rows),
        following=page.following,
    )


def _column(column: Column) -> PartColumn:
    codes = tuple(PartCode(code=code, nb=nb, en=en) for code, (nb, en) in column.codes.items())
    return PartColumn(name=column.name, nb=column.nb, en=column.en, origin=column.origin.value, codes=codes)
