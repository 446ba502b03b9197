-- What the role `keyring_keeper` does in the keyring: wrap keys anew, and retire what wrapped them before.

-- lock_alone: nobody lays a key under any key-encryption key until the end of the transaction
SELECT pg_advisory_xact_lock(%(lock)s);

-- by_kek: how many keys that are not destroyed lie under each key-encryption key
SELECT kek_id, count(*) AS keys FROM data_key WHERE state <> 'destroyed' GROUP BY kek_id ORDER BY kek_id;

-- take: the next keys under an old key-encryption key, held; those that somebody is changing come another time
SELECT kind, subject_id, account_id, generation, wrapped, kek_id, fingerprint FROM data_key
WHERE kek_id = %(old)s AND state <> 'destroyed'
  AND (kind, subject_id, generation) > (%(kind)s, %(subject_id)s, %(generation)s)
ORDER BY kind, subject_id, generation LIMIT %(limit)s
FOR UPDATE SKIP LOCKED;

-- put: these keys lie under another key-encryption key from now on
UPDATE data_key d SET wrapped = n.wrapped, kek_id = %(new)s
FROM unnest(%(kinds)s::text[], %(subject_ids)s::uuid[], %(generations)s::integer[], %(wrapped)s::bytea[])
    AS n (kind, subject_id, generation, wrapped)
WHERE d.kind = n.kind AND d.subject_id = n.subject_id AND d.generation = n.generation
  AND d.kek_id = %(old)s AND d.state <> 'destroyed';

-- retire: nothing is ever laid under these again
INSERT INTO retired_kek (kek_id, retired_at)
SELECT old, %(now)s FROM unnest(%(kek_ids)s::text[]) AS old
ON CONFLICT (kek_id) DO NOTHING;

-- retired: under which nothing may be laid any more
SELECT kek_id, retired_at FROM retired_kek ORDER BY retired_at, kek_id;
