-- The keyring's queries, on its own PostgreSQL instance.

-- lock_account: minting and fencing of one account happen one after the other
SELECT pg_advisory_xact_lock(hashtextextended(%(account_id)s::text, 0));

-- is_fenced: whether the account, or this person of it, is being erased; and under which generation is sealed
SELECT EXISTS (
    SELECT 1 FROM fence
    WHERE account_id = %(account_id)s AND (user_id IS NULL OR user_id = %(subject_id)s)
) AS fenced, (SELECT coalesce(max(generation), 1) FROM renewal WHERE sealing_from IS NOT NULL) AS sealing;

-- mint: a new key, unless the subject has or had one
INSERT INTO data_key (kind, subject_id, account_id, generation, wrapped, kek_id, fingerprint, state, created_at)
SELECT %(kind)s, %(subject_id)s, %(account_id)s, %(generation)s, %(wrapped)s, %(kek_id)s, %(fingerprint)s, 'live', %(now)s
WHERE NOT EXISTS (SELECT FROM data_key WHERE kind = %(kind)s AND subject_id = %(subject_id)s)
ON CONFLICT (kind, subject_id, generation) DO NOTHING;

-- keys: the wrapped keys of many subjects, of every generation, and under which generation is sealed
SELECT kind, subject_id, account_id, generation, wrapped, kek_id, state,
       (SELECT coalesce(max(generation), 1) FROM renewal WHERE sealing_from IS NOT NULL) AS sealing
FROM data_key WHERE kind IN ('company', 'person') AND subject_id = ANY(%(subject_ids)s::uuid[]);

-- raise_fence: remember that this account, or this person of it, is being erased
INSERT INTO fence (account_id, user_id, raised_at) VALUES (%(account_id)s, %(user_id)s, %(now)s)
ON CONFLICT DO NOTHING;

-- fence_keys: no key of the scope can be used any more, but for those of what is held; the id zero spares all persons
UPDATE data_key SET state = 'fenced', fenced_at = %(now)s
WHERE account_id = %(account_id)s AND state = 'live'
  AND (%(user_id)s::uuid IS NULL OR (kind = 'person' AND subject_id = %(user_id)s))
  AND subject_id <> ALL (%(spared)s::uuid[])
  AND NOT (kind = 'person' AND '00000000-0000-0000-0000-000000000000' = ANY (%(spared)s::uuid[]));

-- destroy_keys: the keys of the scope are gone; what remains says when
UPDATE data_key SET state = 'destroyed', wrapped = NULL, destroyed_at = %(now)s
WHERE account_id = %(account_id)s AND state = 'fenced'
  AND (%(user_id)s::uuid IS NULL OR (kind = 'person' AND subject_id = %(user_id)s))
RETURNING fingerprint;

-- destroyed: what was destroyed in the scope, for a certificate written after a crash
SELECT fingerprint, destroyed_at FROM data_key
WHERE account_id = %(account_id)s AND state = 'destroyed'
  AND (%(user_id)s::uuid IS NULL OR (kind = 'person' AND subject_id = %(user_id)s))
ORDER BY fingerprint;

-- open_keys: keys of these accounts, or of these persons of them, that could still open something
SELECT count(*) AS count FROM data_key AS d
JOIN unnest(%(account_ids)s::uuid[], %(user_ids)s::uuid[]) AS gone (account_id, user_id)
  ON d.account_id = gone.account_id AND (gone.user_id IS NULL OR (d.kind = 'person' AND d.subject_id = gone.user_id))
WHERE d.state <> 'destroyed';

-- forget_keys: what remains of keys destroyed before then, of subjects that have no other key; a batch
DELETE FROM data_key WHERE (kind, subject_id, generation) IN (
    SELECT d.kind, d.subject_id, d.generation FROM data_key AS d
    WHERE d.state = 'destroyed' AND d.destroyed_at < %(before)s AND NOT EXISTS (
        SELECT FROM data_key AS o WHERE o.kind = d.kind AND o.subject_id = d.subject_id
        AND (o.state <> 'destroyed' OR o.destroyed_at >= %(before)s)
    )
    LIMIT %(limit)s
);

-- forget_fences: fences raised before then around what has no key any more; a batch
DELETE FROM fence WHERE ctid IN (
    SELECT f.ctid FROM fence AS f
    WHERE f.raised_at < %(before)s AND NOT EXISTS (
        SELECT FROM data_key AS d WHERE d.account_id = f.account_id AND (f.user_id IS NULL OR d.subject_id = f.user_id)
    )
    LIMIT %(limit)s
);

-- state: what has become of one subject's key
SELECT state FROM data_key WHERE kind = %(kind)s AND subject_id = %(subject_id)s ORDER BY generation DESC LIMIT 1;

-- destroy_again: keys of the scope that a backup brought back are gone, except those whose data are held
UPDATE data_key SET state = 'destroyed', wrapped = NULL, destroyed_at = %(now)s,
    fenced_at = coalesce(fenced_at, %(now)s)
WHERE account_id = %(account_id)s AND state <> 'destroyed'
  AND (%(user_id)s::uuid IS NULL OR (kind = 'person' AND subject_id = %(user_id)s))
  AND subject_id <> ALL (%(kept)s::uuid[])
  AND NOT (kind = 'person' AND '00000000-0000-0000-0000-000000000000' = ANY (%(kept)s::uuid[]));

-- undestroyed: a key of the scope that could still open something
SELECT 1 FROM data_key
WHERE account_id = %(account_id)s AND state <> 'destroyed'
  AND (%(user_id)s::uuid IS NULL OR (kind = 'person' AND subject_id = %(user_id)s))
  AND subject_id <> ALL (%(kept)s::uuid[])
  AND NOT (kind = 'person' AND '00000000-0000-0000-0000-000000000000' = ANY (%(kept)s::uuid[]))
LIMIT 1;

-- untouched: a stretch of the live keys that were made before then and have met no erasure
SELECT DISTINCT d.kind, d.subject_id, d.account_id FROM data_key d
WHERE d.state = 'live' AND d.created_at < %(before)s AND (d.kind, d.subject_id) > (%(kind)s, %(subject_id)s)
  AND NOT EXISTS (
      SELECT 1 FROM fence f
      WHERE f.account_id = d.account_id AND (f.user_id IS NULL OR f.user_id = d.subject_id)
  )
ORDER BY d.kind, d.subject_id LIMIT %(limit)s;

-- any_key: whether there is one at all
SELECT 1 FROM data_key LIMIT 1;

-- kek_ids: under which key-encryption keys the keys lie that are not destroyed, without looking at each
WITH RECURSIVE used AS (
    (SELECT kek_id FROM data_key WHERE state <> 'destroyed' ORDER BY kek_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT d.kek_id FROM data_key d
        WHERE d.state <> 'destroyed' AND d.kek_id > used.kek_id ORDER BY d.kek_id LIMIT 1
    ) FROM used WHERE used.kek_id IS NOT NULL
)
SELECT kek_id FROM used WHERE kek_id IS NOT NULL;

-- count_under: how many keys that are not destroyed lie under these key-encryption keys
SELECT count(*) AS keys FROM data_key WHERE state <> 'destroyed' AND kek_id = ANY (%(kek_ids)s);
