"""PostgreSQL: pool, transaction, named queries, migrations, outbox and inbox. SQL stays SQL."""

from shared.database.pool import Database, Row, Transaction
from shared.database.queries import Queries, load_queries

__all__ = ["Database", "Queries", "Row", "Transaction", "load_queries"]
