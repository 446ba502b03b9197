"""PostgreSQL: pool, transaction, named queries, migrations, outbox and inbox. SQL stays SQL."""

from shared.database.pool import Database, Transaction
from shared.database.queries import Queries, load_queries

__all__ = ["Database", "Queries", "Transaction", "load_queries"]
