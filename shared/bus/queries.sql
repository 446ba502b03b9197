-- The bus's own tables in each service's database.

-- record_messages: note the ids as handled by a consumer and return those that were new
INSERT INTO inbox (consumer, message_id, processed_at)
SELECT %(consumer)s, message.id, %(now)s
FROM unnest(%(ids)s::uuid[]) AS message (id)
ON CONFLICT DO NOTHING
RETURNING message_id;

-- park: keep a message that could not be handled, with what is known about why
INSERT INTO parked (id, consumer, message_id, type, body, headers, reason, error_class, stack_hash, attempts,
    parked_at, sender)
VALUES (%(id)s, %(consumer)s, %(message_id)s, %(type)s, %(body)s, %(headers)s, %(reason)s, %(error_class)s,
        %(stack_hash)s, %(attempts)s, %(now)s, %(sender)s);

-- count_parked_like: where enough of a kind wait already, count one more at the newest of them and return its id
UPDATE parked SET occurrences = occurrences + 1, last_at = %(now)s
WHERE id = (
    SELECT (array_agg(id ORDER BY parked_at DESC, id DESC))[1] FROM (
        SELECT id, parked_at FROM parked
        WHERE state = 'parked' AND consumer = %(consumer)s AND sender = %(sender)s
          AND error_class = %(error_class)s AND reason = %(reason)s
        ORDER BY parked_at LIMIT %(enough)s
    ) AS alike
    HAVING count(*) >= %(enough)s
)
RETURNING id;

-- list_parked: a page of parked messages in one state, oldest first, without their bodies
SELECT id, consumer, message_id, type, reason, error_class, stack_hash, attempts, parked_at, state, decided_at,
       decided_by, note, sender, occurrences, last_at
FROM parked
WHERE state = %(state)s AND (%(consumer)s::text IS NULL OR consumer = %(consumer)s)
  AND (%(after_at)s::timestamptz IS NULL OR (parked_at, id) > (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY parked_at, id
LIMIT %(limit)s;

-- count_parked: how many messages wait for a decision
SELECT count(*) AS count FROM parked WHERE state = 'parked';

-- parked_waiting: how many messages wait for a decision, and since when the oldest
SELECT count(*) AS count, min(parked_at) AS since FROM parked WHERE state = 'parked';

-- show_parked: one parked message, without its body
SELECT id, consumer, message_id, type, reason, error_class, stack_hash, attempts, parked_at, state, decided_at,
       decided_by, note, sender, occurrences, last_at
FROM parked
WHERE id = %(id)s;

-- lock_parked: one parked message, held until the decision about it is committed
SELECT id, consumer, message_id, type, error_class, state, body, headers
FROM parked
WHERE id = %(id)s
FOR UPDATE;

-- decide_parked: note what a person decided about a parked message
UPDATE parked
SET state = %(state)s, decided_at = %(now)s, decided_by = %(actor)s, note = %(note)s
WHERE id = %(id)s;

-- send_again: put a parked message into the outbox, addressed to the one queue it failed in
INSERT INTO outbox (event_id, exchange, routing_key, subject, body, headers, created_at)
VALUES (%(event_id)s, '', %(queue)s, %(subject)s, %(body)s, %(headers)s, %(now)s);

-- lock_key: let only one call at a time run under an idempotency key
SELECT pg_advisory_xact_lock(hashtextextended(%(method)s || ' ' || %(key)s || ' ' || %(scope)s, 0));

-- find_reply: the reply that was given under an idempotency key, and a digest of what it was given to
SELECT reply, request_digest FROM command_reply
WHERE method = %(method)s AND scope = %(scope)s AND key = %(key)s;

-- keep_reply: keep a reply under its idempotency key
INSERT INTO command_reply (method, scope, key, request_digest, reply, created_at)
VALUES (%(method)s, %(scope)s, %(key)s, %(digest)s, %(reply)s, %(now)s);

-- forget_inbox: forget some ids of messages handled before an instant
DELETE FROM inbox
WHERE (consumer, message_id) IN (
    SELECT consumer, message_id FROM inbox WHERE processed_at < %(before)s ORDER BY processed_at LIMIT %(limit)s
);

-- forget_replies: forget some replies given before an instant
DELETE FROM command_reply
WHERE (method, scope, key) IN (
    SELECT method, scope, key FROM command_reply WHERE created_at < %(before)s ORDER BY created_at LIMIT %(limit)s
);

-- forget_parked: forget some parked messages decided about before an instant
DELETE FROM parked
WHERE id IN (
    SELECT id FROM parked WHERE state <> 'parked' AND decided_at < %(before)s ORDER BY decided_at LIMIT %(limit)s
);

-- forget_spent_statements: forget some statements of staff that were used up before an instant
DELETE FROM spent_statement
WHERE id IN (SELECT id FROM spent_statement WHERE spent_at < %(before)s ORDER BY spent_at LIMIT %(limit)s);
