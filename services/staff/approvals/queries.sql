-- What takes two persons.

-- add: keep a request, unless there is one with this id
INSERT INTO approval (id, act, document, version, requested_by, requested_at, edited_at, expires_at)
VALUES (%(id)s, %(act)s, %(document)s, %(version)s, %(requested_by)s, %(now)s, %(now)s, %(expires_at)s)
ON CONFLICT DO NOTHING;

-- lock: one, locked until the transaction ends
SELECT document, edited_at, approved_by, approved_at, passkey_id, public_key, client_data, authenticator_data, signature,
       enrolment, cleared_at, ended_at, ended_by, ended_because
FROM approval WHERE id = %(id)s FOR UPDATE;

-- get: one
SELECT document, edited_at, approved_by, approved_at, passkey_id, public_key, client_data, authenticator_data, signature,
       enrolment, cleared_at, ended_at, ended_by, ended_because
FROM approval WHERE id = %(id)s;

-- listed: a page of those in one state that are somebody's business; what has ended the newest first, else the oldest first
SELECT document, edited_at, approved_by, approved_at, passkey_id, public_key, client_data, authenticator_data, signature,
       enrolment, cleared_at, ended_at, ended_by, ended_because
FROM approval
WHERE CASE WHEN ended_at IS NOT NULL THEN 'ended' WHEN approved_by IS NULL THEN 'waiting' ELSE 'approved' END = %(state)s
  AND (ended_at IS NOT NULL OR expires_at > %(now)s)
  AND (act = ANY (%(acts)s) OR %(code)s IN (requested_by, approved_by)
       OR act || ' ' || (convert_from(document, 'UTF8')::jsonb -> 'fields' ->> 'account_id') = ANY (%(about)s)
       OR %(code)s IN (convert_from(document, 'UTF8')::jsonb ->> 'edited_by',
                       convert_from(document, 'UTF8')::jsonb ->> 'subject'))
  AND (%(after_at)s::timestamptz IS NULL
       OR CASE WHEN ended_at IS NULL THEN (requested_at, id) > (%(after_at)s::timestamptz, %(after_id)s::uuid)
               ELSE (ended_at, id) < (%(after_at)s::timestamptz, %(after_id)s::uuid) END)
ORDER BY ended_at DESC, CASE WHEN ended_at IS NULL THEN requested_at END, CASE WHEN ended_at IS NULL THEN id END,
         id DESC LIMIT %(limit)s;

-- count_open: how many requests of a person have not ended
SELECT count(*) AS count FROM approval WHERE requested_by = %(code)s AND ended_at IS NULL;

-- one_asker: who asks for this act, one after the other, until the end of the transaction
SELECT pg_advisory_xact_lock(hashtext('approval'), hashtext(%(act)s));

-- equal: the oldest open request for just this, whatever id its asker has made up, but for one
SELECT id FROM approval
WHERE act = %(act)s AND ended_at IS NULL AND expires_at > %(now)s AND id <> %(but)s
  AND (convert_from(document, 'UTF8')::jsonb -> 'fields') - %(chosen)s::text = %(asked)s::jsonb - %(chosen)s::text
ORDER BY requested_at, id LIMIT 1;

-- edit: what is asked for is another thing, which nobody has approved
UPDATE approval
SET document = %(document)s, version = %(version)s, edited_at = %(now)s, approved_by = NULL, approved_at = NULL,
    passkey_id = NULL, public_key = NULL, client_data = NULL, authenticator_data = NULL, signature = NULL,
    enrolment = NULL
WHERE id = %(id)s;

-- approve: another person has approved it
UPDATE approval
SET approved_by = %(code)s, approved_at = %(now)s, passkey_id = %(passkey_id)s, public_key = %(public_key)s,
    client_data = %(client_data)s, authenticator_data = %(authenticator_data)s, signature = %(signature)s,
    enrolment = %(enrolment)s
WHERE id = %(id)s;

-- clear: it was signed that it is carried out
UPDATE approval SET cleared_at = %(now)s WHERE id = %(id)s;

-- done_after_all: it was carried out before it ended in another way
UPDATE approval SET ended_by = %(by)s, ended_because = 'carried_out'
WHERE id = %(id)s AND ended_because IN ('refused', 'withdrawn', 'expired');

-- end: it is over
UPDATE approval SET ended_at = %(now)s, ended_by = %(by)s, ended_because = %(reason)s
WHERE id = %(id)s AND ended_at IS NULL;

-- end_again: it has ended so at this instant; what was carried out was, and what a restore ended is known better now
UPDATE approval
SET ended_at = CASE WHEN ended_because = 'restored' THEN %(at)s ELSE least(ended_at, %(at)s) END, ended_by = %(by)s,
    ended_because = CASE WHEN ended_because = 'carried_out' THEN 'carried_out' ELSE %(reason)s END
WHERE id = %(id)s
  AND (ended_at IS NULL OR ended_at > %(at)s OR ended_because = 'restored'
       OR (%(reason)s = 'carried_out' AND ended_because <> 'carried_out'));

-- end_older: it is over where it stands as it did before this instant
UPDATE approval SET ended_at = %(since)s, ended_by = %(by)s, ended_because = 'restored'
WHERE id = %(id)s AND edited_at < %(since)s
  AND (ended_at IS NULL OR (ended_because = 'restored' AND ended_at > %(since)s));

-- expired: those whose time is over and that nobody is carrying out, locked until the transaction ends
SELECT id FROM approval
WHERE ended_at IS NULL AND expires_at <= %(now)s AND (cleared_at BETWEEN %(done_by)s AND %(ahead)s) IS NOT TRUE
ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- waiting: how many wait for another person, and since when the oldest
SELECT count(*) AS count, min(requested_at) AS since FROM approval
WHERE ended_at IS NULL AND approved_by IS NULL AND expires_at > %(now)s;

-- approved_by_themselves: how many were approved by who asked, changed it last, or is concerned
SELECT count(*) AS count, min(approved_at) AS since FROM approval
WHERE approved_by IN (convert_from(document, 'UTF8')::jsonb ->> 'requested_by',
                      convert_from(document, 'UTF8')::jsonb ->> 'edited_by',
                      convert_from(document, 'UTF8')::jsonb ->> 'subject');

-- forget: what ended before then
DELETE FROM approval
WHERE id IN (SELECT id FROM approval WHERE ended_at < %(before)s ORDER BY ended_at LIMIT %(limit)s);
