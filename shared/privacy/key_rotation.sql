-- The renewal of data keys in the keyring, each statement for the one role that may do it.

-- renewals: all of them
SELECT generation, begun_at, keyed_at, sealing_from FROM renewal ORDER BY generation;

-- reports: what the holders of sealed values last found
SELECT holder, generation, left_over, unreadable, looked_at, clear_since FROM reseal_report ORDER BY generation, holder;

-- begin: from now on everybody gets a key of this generation
INSERT INTO renewal (generation, begun_at) VALUES (%(generation)s, %(now)s) ON CONFLICT (generation) DO NOTHING;

-- note_keyed: everybody has one
UPDATE renewal SET keyed_at = %(at)s WHERE generation = %(generation)s AND keyed_at IS NULL;

-- seal_from: from now on is sealed under it
UPDATE renewal SET sealing_from = %(now)s WHERE generation = %(generation)s AND sealing_from IS NULL;

-- count_lacking: how many companies and persons with a live key have none of this generation
SELECT count(DISTINCT (kind, subject_id)) FILTER (WHERE NOT has) AS lacking,
       count(DISTINCT (kind, subject_id)) FILTER (WHERE has) AS renewed
FROM (
    SELECT d.kind, d.subject_id, EXISTS (
        SELECT FROM data_key n WHERE n.kind = d.kind AND n.subject_id = d.subject_id AND n.generation >= %(generation)s
    ) AS has
    FROM data_key d WHERE d.state = 'live'
) AS each_key;

-- lacking: some of them
SELECT DISTINCT d.kind, d.subject_id, d.account_id FROM data_key d
WHERE d.state = 'live' AND d.generation < %(generation)s AND NOT EXISTS (
    SELECT FROM data_key n WHERE n.kind = d.kind AND n.subject_id = d.subject_id AND n.generation >= %(generation)s
)
ORDER BY d.kind, d.subject_id LIMIT %(limit)s;

-- try_accounts: those of these accounts in whose keys nobody else is changing anything; theirs wait until we are done
SELECT account_id FROM unnest(%(account_ids)s::uuid[]) AS account_id
WHERE pg_try_advisory_xact_lock(hashtextextended(account_id::text, 0));

-- renew: a further key for each whose newest one is live; who is fenced or was destroyed meanwhile gets none
INSERT INTO data_key (kind, subject_id, account_id, generation, wrapped, kek_id, fingerprint, state, created_at)
SELECT n.kind, n.subject_id, n.account_id, %(generation)s, n.wrapped, %(kek_id)s, n.fingerprint, 'live', %(now)s
FROM unnest(%(kinds)s::text[], %(subject_ids)s::uuid[], %(account_ids)s::uuid[], %(wrapped)s::bytea[],
            %(fingerprints)s::text[]) AS n (kind, subject_id, account_id, wrapped, fingerprint)
WHERE (
    SELECT d.state FROM data_key d WHERE d.kind = n.kind AND d.subject_id = n.subject_id
    ORDER BY d.generation DESC LIMIT 1
) = 'live'
ON CONFLICT (kind, subject_id, generation) DO NOTHING;

-- report: what was found before each generation; a holder that was clear and is not any more begins anew
INSERT INTO reseal_report AS r (holder, generation, left_over, unreadable, looked_at, clear_since)
SELECT %(holder)s, n.generation, n.left_over, n.unreadable, %(now)s, CASE WHEN n.left_over = 0 THEN %(now)s END
FROM unnest(%(generations)s::integer[], %(left_over)s::bigint[], %(unreadable)s::bigint[])
    AS n (generation, left_over, unreadable)
ON CONFLICT (holder, generation) DO UPDATE SET
    left_over = excluded.left_over, unreadable = excluded.unreadable, looked_at = excluded.looked_at,
    clear_since = CASE WHEN excluded.left_over = 0 THEN least(r.clear_since, excluded.clear_since) END;

-- unclear: something was found under a key before these generations, by who had said that there was nothing any more
UPDATE reseal_report SET left_over = 1, looked_at = %(now)s, clear_since = NULL
WHERE holder = %(holder)s AND generation > %(found)s AND left_over = 0;

-- destroy_retired: old keys of those who have a later one that is sealed with; what remains says when
UPDATE data_key SET state = 'destroyed', wrapped = NULL, destroyed_at = %(now)s
WHERE (kind, subject_id, generation) IN (
    SELECT d.kind, d.subject_id, d.generation FROM data_key d
    WHERE d.state = 'live' AND d.generation < %(before)s AND EXISTS (
        SELECT FROM data_key n
        WHERE n.kind = d.kind AND n.subject_id = d.subject_id AND n.state = 'live'
          AND n.generation BETWEEN %(before)s AND %(sealing)s
    )
    ORDER BY d.kind, d.subject_id, d.generation LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
) AND state = 'live';
