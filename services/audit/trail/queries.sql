-- The trail. It, its tree and its checkpoints know SELECT and INSERT only.

-- add_intake: take in what happened; the sequencer gives it its place
INSERT INTO intake (event_id, type, version, source, occurred_at, recorded_at, subject, actor, account_id, user_id,
                    correlation_id, causation_id, field_names, facts, seen)
VALUES (%(event_id)s, %(type)s, %(version)s, %(source)s, %(occurred_at)s, %(recorded_at)s, %(subject)s, %(actor)s,
        %(account_id)s, %(user_id)s, %(correlation_id)s, %(causation_id)s, %(field_names)s, %(facts)s, %(seen)s);

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
       correlation_id, causation_id, field_names, facts::text AS facts, seen
FROM taken ORDER BY id;

-- head: the last row's number and chain hash
SELECT seq, chain_hash FROM trail ORDER BY seq DESC LIMIT 1;

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

-- unlink_staff: references of staff that are in no row younger than the last checkpoint before then
DELETE FROM subject_link AS l
USING (SELECT max(tree_size) AS until FROM checkpoint WHERE time < %(before)s) AS old
WHERE l.kind = 'staff' AND NOT EXISTS (
    SELECT FROM trail AS t
    WHERE t.seq > old.until AND (t.actor = 'staff:' || l.ref::text OR t.subject = 'staff/' || l.ref::text)
) AND old.until IS NOT NULL;

-- tombstones_among: those of these ids that were erased here
SELECT id FROM tombstone WHERE id = ANY (%(ids)s);

-- trail_by_account: a page of rows about a company and its users
SELECT * FROM trail WHERE account_ref = %(ref)s AND seq > %(after_seq)s ORDER BY seq LIMIT %(limit)s;

-- newest_by_account: a page of rows about a company and its users, the newest first
SELECT * FROM trail WHERE account_ref = %(ref)s AND seq < %(before_seq)s ORDER BY seq DESC LIMIT %(limit)s;

-- trail_by_user: a page of rows about a user
SELECT * FROM trail WHERE user_ref = %(ref)s AND seq > %(after_seq)s ORDER BY seq LIMIT %(limit)s;

-- trail_by_subject: a page of rows about a thing, such as letter/<id>
SELECT * FROM trail WHERE subject = %(subject)s AND seq > %(after_seq)s ORDER BY seq LIMIT %(limit)s;

-- trail_by_correlation: a page of rows of one story
SELECT * FROM trail WHERE correlation_id = %(correlation_id)s AND seq > %(after_seq)s ORDER BY seq LIMIT %(limit)s;

-- trail_by_actor: a page of rows of what one person did, the newest first
SELECT * FROM trail WHERE actor = %(actor)s AND actor <> 'system' AND -seq > -(%(before_seq)s::bigint)
ORDER BY -seq LIMIT %(limit)s;

-- intake_waiting: how many rows wait for their place in the trail since before then, and since when the oldest
SELECT count(*) AS count, min(recorded_at) AS since FROM intake WHERE recorded_at < %(before)s;
