-- The restore gate's queries, on the database it guards.

-- recorded: how far this database has come, and nobody else may move it meanwhile
SELECT position, hash FROM ledger_position FOR UPDATE;

-- look: how far this database has come
SELECT position, hash FROM ledger_position;

-- record: it has come this far
UPDATE ledger_position SET position = %(position)s, hash = %(hash)s, recorded_at = %(now)s;
