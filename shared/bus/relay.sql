-- What the relay asks of an outbox. Rows are claimed by their state, never by "id greater than the last one seen":
-- ids become visible in the order of the commits, so such a relay loses rows.

-- lead: take the session's lock that makes this process the only relay of this outbox; false where another has it
SELECT pg_try_advisory_lock(%(lock)s);

-- listen: be woken when a service hints that it has written something (shared/database/outbox_hint.py)
LISTEN outbox;

-- follow_indexes: have every statement of this session follow an index, whatever the statistics say; those of a table
-- that is empty at one time and holds a million rows at another are always wrong, and reading and sorting all that
-- waits for each batch would let a relay that is behind fall further behind. Where there is no index, as on a table of
-- one row, such a plan looks so dear that PostgreSQL would compile it, at each call, for longer than all the rest takes
SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false),
       set_config('enable_sort', 'off', false), set_config('jit', 'off', false);

-- lose_marks: commit without waiting for the disk. All that this session writes is what has become of rows: where the
-- server loses the last of it, they are sent again under the same ids, and whoever has handled them knows them
SELECT set_config('synchronous_commit', 'off', false);

-- position: how far this database has come in the ledger; less than before where a backup was put in its place
SELECT position FROM ledger_position;

-- waiting: the oldest rows that may go now, in order; none of a subject of which a row is held. With each how far the
-- database had come in the ledger as it was read: no row of a database that was set back passes for one of today
WITH held AS MATERIALIZED (
    SELECT DISTINCT subject FROM outbox WHERE published_at IS NULL AND is_leased(retry_at, %(now)s, %(longest)s)
), oldest AS (
    SELECT id, event_id, exchange, routing_key, subject, body, headers, created_at, attempts
    FROM outbox
    WHERE published_at IS NULL
      AND NOT is_leased(retry_at, %(now)s, %(longest)s)
      AND subject NOT IN (SELECT subject FROM held) -- a filter, not a join, which would forget the index's order
    ORDER BY id
    LIMIT %(limit)s
), measured AS (
    SELECT *, sum(octet_length(body)) OVER (ORDER BY id) - octet_length(body) AS bytes_before FROM oldest
)
SELECT id, event_id, exchange, routing_key, subject, body, headers, created_at, attempts,
       (SELECT position FROM ledger_position) AS position
FROM measured
WHERE bytes_before < %(bytes_limit)s
ORDER BY id;

-- mark_published: the broker has confirmed these rows
UPDATE outbox SET published_at = %(now)s, retry_at = NULL, last_error = NULL WHERE event_id = ANY(%(event_ids)s::uuid[]);

-- mark_failed: the broker did not take these rows; they are tried again after a pause
UPDATE outbox
SET attempts = attempts + 1, retry_at = failed.retry_at, last_error = failed.reason
FROM unnest(%(ids)s::bigint[], %(retry_at)s::timestamptz[], %(reasons)s::text[]) AS failed (id, retry_at, reason)
WHERE outbox.id = failed.id;

-- forget: remove a limited number of rows published long ago
DELETE FROM outbox WHERE id IN (
    SELECT id FROM outbox WHERE published_at < %(before)s ORDER BY published_at LIMIT %(limit)s
);

-- measure: how many rows wait (counted up to a limit), how many of them are held, and since when the oldest waits
SELECT count(*), count(*) FILTER (WHERE is_leased(retry_at, %(now)s, %(longest)s)), min(created_at)
FROM (SELECT retry_at, created_at FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT %(limit)s) AS counted;
