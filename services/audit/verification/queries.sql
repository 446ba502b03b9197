-- Verifications, and reading the trail for one.

-- ask_verification: ask for a verification
INSERT INTO verification (id, requested_by, requested_at, from_checkpoint)
VALUES (%(id)s, %(requested_by)s, %(requested_at)s, %(from_checkpoint)s);

-- ask_in_time: ask for a verification, unless one of all rows was asked for since
INSERT INTO verification (id, requested_by, requested_at)
SELECT %(id)s, %(requested_by)s, %(requested_at)s
WHERE NOT EXISTS (SELECT FROM verification WHERE requested_at > %(since)s AND from_checkpoint = 0);

-- ended_since: how many verifications of all rows ended since then
SELECT count(*) AS count FROM verification WHERE ended_at > %(since)s AND from_checkpoint = 0;

-- claim_verification: the oldest verification that waits, or that its worker left behind
UPDATE verification SET state = 'running', lease_until = %(lease_until)s
WHERE id = (
    SELECT id FROM verification
    WHERE state = 'waiting' OR (state = 'running' AND NOT is_leased(lease_until, %(now)s, %(lease)s))
    ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, requested_by, from_checkpoint;

-- damaged: the last verification that found the trail damaged, unless a later one of as many rows found it whole
SELECT count(*) AS count, min(ended_at) AS since FROM (
    SELECT ended_at FROM verification AS found
    WHERE state = 'damaged' AND NOT EXISTS (
        SELECT FROM verification AS later
        WHERE later.state = 'whole' AND later.ended_at > found.ended_at
          AND later.from_checkpoint <= found.from_checkpoint)
    ORDER BY ended_at DESC LIMIT 1
) AS last;

-- progress_verification: how far a verification is
UPDATE verification SET rows_done = %(rows_done)s, rows_total = %(rows_total)s, lease_until = %(lease_until)s
WHERE id = %(id)s AND state = 'running';

-- end_verification: what a verification found
UPDATE verification
SET state = %(state)s, ended_at = %(now)s, lease_until = NULL, rows_done = %(rows)s, rows_total = %(rows)s,
    tree_size = %(tree_size)s, unsealed_rows = %(unsealed_rows)s, findings = %(findings)s
WHERE id = %(id)s;

-- verification: one verification
SELECT id AS verification_id, state, requested_at, ended_at, rows_done, rows_total, tree_size, unsealed_rows, findings
FROM verification WHERE id = %(id)s;

-- forget_verifications: verifications asked for long ago
DELETE FROM verification WHERE requested_at < %(before)s AND state IN ('whole', 'damaged');

-- verify_search_path: names mean what PostgreSQL means by them, whatever was put into this database
SET LOCAL search_path = pg_catalog;

-- verify_in_order: rows come as the index has them; sorting a stretch on the disk first would cost half the speed
SET LOCAL enable_sort = off;

-- verify_checkpoints: all checkpoints from a number on
SELECT number, tree_size, root, head, time, key_id, previous, signature
FROM public.checkpoint WHERE number >= %(number)s ORDER BY number;

-- verify_nodes: stored nodes completed by a stretch of rows, in the order in which a growing tree completes them
SELECT level, index, hash FROM public.tree_node
WHERE (index + 1) << level > %(after)s AND (index + 1) << level <= %(last)s ORDER BY (index + 1) << level, level;

-- verify_size: the number of the last row
SELECT coalesce(max(seq), 0) AS size FROM public.trail;

-- verify_rows: a stretch of rows, each as its canonical JSON, with its hashes; see chain.canonical
SELECT seq, convert_to(
    '{"account_ref":' || coalesce('"' || account_ref::text || '"', 'null')
    || ',"actor":' || to_json(actor)::text
    || ',"causation_id":' || coalesce('"' || causation_id::text || '"', 'null')
    || ',"correlation_id":"' || correlation_id::text
    || '","event_id":"' || event_id::text
    || '","facts":' || facts::text
    || ',"field_names":' || array_to_json(field_names)::text
    || ',"occurred_at":"' || to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
    || '","recorded_at":"' || to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
    || '","seq":' || seq::text
    || ',"source":' || to_json(source)::text
    || ',"subject":' || to_json(subject)::text
    || ',"type":' || to_json(type)::text
    || ',"user_ref":' || coalesce('"' || user_ref::text || '"', 'null')
    || ',"version":' || version::text || '}', 'UTF8'), leaf_hash, chain_hash
FROM public.trail WHERE seq > %(after)s AND seq <= %(last)s ORDER BY seq;
