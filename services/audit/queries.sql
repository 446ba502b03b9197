-- Queries of the audit service. The trail, its tree and its checkpoints know SELECT and INSERT only.

-- add_intake: take in what happened; the sequencer gives it its place
INSERT INTO intake (event_id, type, version, source, occurred_at, recorded_at, subject, actor, account_id, user_id,
                    correlation_id, causation_id, field_names, facts)
VALUES (%(event_id)s, %(type)s, %(version)s, %(source)s, %(occurred_at)s, %(recorded_at)s, %(subject)s, %(actor)s,
        %(account_id)s, %(user_id)s, %(correlation_id)s, %(causation_id)s, %(field_names)s, %(facts)s);

-- try_sequencer_lock: become the one sequencer for this transaction, or learn that there is one
SELECT pg_try_advisory_xact_lock(%(lock)s) AS taken;

-- wait_for_sequencer_lock: keep the sequencer out for this transaction; waits for it to finish its batch
SELECT pg_advisory_xact_lock(%(lock)s);

-- waiting: how many rows wait for their place
SELECT count(*) AS waiting FROM intake;

-- take_intake: remove the oldest waiting rows and return them; a row that commits later is taken later, never lost
WITH taken AS (
    DELETE FROM intake WHERE id IN (SELECT id FROM intake ORDER BY id LIMIT %(limit)s) RETURNING *
)
SELECT event_id, type, version, source, occurred_at, recorded_at, subject, actor, account_id, user_id,
       correlation_id, causation_id, field_names, facts::text AS facts
FROM taken ORDER BY id;

-- head: the last row's number and chain hash
SELECT seq, chain_hash FROM trail ORDER BY seq DESC LIMIT 1;

-- leaves: leaf hashes of a stretch of rows, both ends included; at most one block of 256
SELECT leaf_hash FROM public.trail WHERE seq BETWEEN %(first)s AND %(last)s ORDER BY seq;

-- tree_nodes: stored nodes by level and index
SELECT n.level, n.index, n.hash FROM public.tree_node n
JOIN unnest(%(levels)s::int[], %(indexes)s::bigint[]) AS wanted (level, index) USING (level, index);

-- copy_trail: append rows
COPY trail (seq, event_id, type, version, source, occurred_at, recorded_at, subject, actor, account_ref, user_ref,
            correlation_id, causation_id, field_names, facts, leaf_hash, chain_hash) FROM STDIN;

-- add_node: store a complete node
INSERT INTO tree_node (level, index, hash) VALUES (%(level)s, %(index)s, %(hash)s);

-- last_checkpoint: the newest checkpoint
SELECT * FROM checkpoint ORDER BY number DESC LIMIT 1;

-- checkpoint: one checkpoint by number
SELECT * FROM checkpoint WHERE number = %(number)s;

-- checkpoints_after: checkpoints with a higher number, oldest first
SELECT * FROM checkpoint WHERE number > %(number)s ORDER BY number LIMIT %(limit)s;

-- newest_checkpoint_over: the newest checkpoint, if it covers this row
SELECT * FROM checkpoint WHERE tree_size >= %(seq)s ORDER BY number DESC LIMIT 1;

-- add_checkpoint: keep a signed checkpoint
INSERT INTO checkpoint (number, tree_size, root, head, time, key_id, previous, signature)
VALUES (%(number)s, %(tree_size)s, %(root)s, %(head)s, %(time)s, %(key_id)s, %(previous)s, %(signature)s);

-- links_of: random references of those that have one
SELECT l.kind, l.id, l.ref FROM subject_link l
JOIN unnest(%(kinds)s::text[], %(ids)s::text[]) AS wanted (kind, id) USING (kind, id);

-- names_of: whom random references stand for, where that is still known
SELECT kind, id, ref FROM subject_link WHERE ref = ANY (%(refs)s);

-- add_links: remember whom new random references stand for
INSERT INTO subject_link (kind, id, account_id, ref)
SELECT * FROM unnest(%(kinds)s::text[], %(ids)s::text[], %(account_ids)s::uuid[], %(refs)s::uuid[]);

-- tombstones_among: those of these ids that were erased here
SELECT id FROM tombstone WHERE id = ANY (%(ids)s);

-- trail_by_account: a page of rows about a company and its users
SELECT * FROM trail WHERE account_ref = %(ref)s AND seq > %(after_seq)s ORDER BY seq LIMIT %(limit)s;

-- trail_by_user: a page of rows about a user
SELECT * FROM trail WHERE user_ref = %(ref)s AND seq > %(after_seq)s ORDER BY seq LIMIT %(limit)s;

-- trail_by_subject: a page of rows about a thing, such as letter/<id>
SELECT * FROM trail WHERE subject = %(subject)s AND seq > %(after_seq)s ORDER BY seq LIMIT %(limit)s;

-- trail_by_correlation: a page of rows of one story
SELECT * FROM trail WHERE correlation_id = %(correlation_id)s AND seq > %(after_seq)s ORDER BY seq LIMIT %(limit)s;

-- lock_account_shared: wait for an erasure of this account to end, and keep one from beginning
SELECT pg_advisory_xact_lock_shared(%(space)s, hashtext(%(account_id)s::text));

-- lock_account: wait for work on this account to end, and keep any from beginning
SELECT pg_advisory_xact_lock(%(space)s, hashtext(%(account_id)s::text));

-- add_login: keep a login attempt, unless its company or person was erased
INSERT INTO login_event (attempt_id, occurred_at, outcome, reason, account_id, user_id, expires_on, origin_try_at)
SELECT %(attempt_id)s, %(occurred_at)s, %(outcome)s, %(reason)s, %(account_id)s::uuid, %(user_id)s::uuid,
       %(expires_on)s, %(now)s
WHERE NOT EXISTS (SELECT FROM tombstone WHERE id IN (%(account_id)s::uuid, %(user_id)s::uuid))
ON CONFLICT (attempt_id) DO NOTHING;

-- claim_origins: logins whose origin is to be asked for now, put off for as long as asking may take
UPDATE login_event SET origin_tries = origin_tries + 1, origin_try_at = %(lease_until)s
WHERE attempt_id IN (
    SELECT attempt_id FROM login_event WHERE origin = 'pending' AND is_due(origin_try_at, %(now)s, %(due)s)
    ORDER BY origin_try_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING attempt_id, occurred_at, account_id, user_id, origin_tries AS tries;

-- set_origin: keep where a login came from
UPDATE login_event
SET origin = %(state)s, ip_sealed = %(ip_sealed)s, user_agent_sealed = %(user_agent_sealed)s,
    address_index = %(address_index)s
WHERE attempt_id = %(attempt_id)s AND origin = 'pending';

-- retry_origin: ask again later where a login came from
UPDATE login_event SET origin_try_at = %(try_at)s WHERE attempt_id = %(attempt_id)s AND origin = 'pending';

-- logins: attempts of a company, or of one of its users, in a period, oldest first
SELECT attempt_id, occurred_at, outcome, reason, account_id, user_id, ip_sealed, user_agent_sealed
FROM login_event
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s::uuid)
  AND occurred_at >= %(from_)s AND occurred_at < %(to)s
ORDER BY occurred_at, attempt_id LIMIT %(limit)s;

-- forget_logins: logins whose time is over and that are not held, a batch
DELETE FROM login_event WHERE attempt_id IN (
    SELECT attempt_id FROM login_event
    WHERE expires_on <= %(today)s AND NOT is_kept(account_id, user_id, 'login_events')
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);

-- forget_tombstones: erased ids that no backup can bring back any more
DELETE FROM tombstone WHERE forget_on <= %(today)s;

-- forget_verifications: verifications asked for long ago
DELETE FROM verification WHERE requested_at < %(before)s AND state IN ('whole', 'damaged');

-- erased_user_ids: the users of a company that are known here
SELECT DISTINCT id FROM (
    SELECT id FROM subject_link WHERE kind = 'user' AND account_id = %(account_id)s
    UNION ALL
    SELECT user_id::text FROM login_event WHERE account_id = %(account_id)s AND user_id IS NOT NULL
) AS known;

-- erase_logins: logins of a company, or of one of its users; what is held stays
DELETE FROM login_event
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s::uuid)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_links: whom the trail's references of a company, or of one of its users, stand for; what is held stays
DELETE FROM subject_link
WHERE CASE WHEN %(user_id)s::uuid IS NULL
      THEN account_id = %(account_id)s
      ELSE kind = 'user' AND id = %(user_id)s::uuid::text END
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[],
                  CASE WHEN kind = 'user' AND id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN id::uuid END,
                  %(category)s);

-- left_held: a row of the scope that was left
(SELECT 1 AS found FROM login_event
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s::uuid) LIMIT 1)
UNION ALL
(SELECT 1 FROM subject_link
 WHERE CASE WHEN %(user_id)s::uuid IS NULL
       THEN account_id = %(account_id)s
       ELSE kind = 'user' AND id = %(user_id)s::uuid::text END LIMIT 1)
LIMIT 1;

-- add_tombstones: remember that these ids were erased
INSERT INTO tombstone (id, forget_on) SELECT unnest(%(ids)s::uuid[]), %(forget_on)s
ON CONFLICT (id) DO UPDATE SET forget_on = greatest(tombstone.forget_on, excluded.forget_on);

-- complete_erasure_step: what this erasure deleted here, added to what it had deleted before
INSERT INTO erasure_step (erasure_id, login_events, subject_links, completed_at)
VALUES (%(erasure_id)s, %(login_events)s, %(subject_links)s, %(now)s)
ON CONFLICT (erasure_id) DO UPDATE
SET login_events = erasure_step.login_events + excluded.login_events,
    subject_links = erasure_step.subject_links + excluded.subject_links
RETURNING login_events, subject_links;

-- forget_erasure_steps: what erasures deleted here that nobody asks again to carry out
DELETE FROM erasure_step WHERE completed_at < %(before)s;

-- ask_verification: ask for a verification
INSERT INTO verification (id, requested_by, requested_at, from_checkpoint)
VALUES (%(id)s, %(requested_by)s, %(requested_at)s, %(from_checkpoint)s);

-- claim_verification: the oldest verification that waits, or that its worker left behind
UPDATE verification SET state = 'running', lease_until = %(lease_until)s
WHERE id = (
    SELECT id FROM verification
    WHERE state = 'waiting' OR (state = 'running' AND NOT is_leased(lease_until, %(now)s, %(lease)s))
    ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, requested_by, from_checkpoint;

-- damaged: the last verification, where it found the trail damaged
SELECT count(*) AS count, min(ended_at) AS since FROM (
    SELECT state, ended_at FROM verification WHERE state IN ('whole', 'damaged') ORDER BY ended_at DESC LIMIT 1
) AS last WHERE state = 'damaged';

-- intake_waiting: how many rows wait for their place in the trail since before then, and since when the oldest
SELECT count(*) AS count, min(recorded_at) AS since FROM intake WHERE recorded_at < %(before)s;

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
