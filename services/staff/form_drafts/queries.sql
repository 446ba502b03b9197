-- Forms that somebody had filled in when their session ended.

-- holder: whose session this is or was, unless they have left
SELECT p.id AS person_id FROM session s JOIN person p ON p.id = s.person_id
WHERE s.token_digest = %(token_digest)s AND p.left_at IS NULL;

-- keep: what stood in the form at this address; a newer one takes its place
INSERT INTO form_draft (person_id, path, sealed, kept_at) VALUES (%(person_id)s, %(path)s, %(sealed)s, %(now)s)
ON CONFLICT (person_id, path) DO UPDATE SET sealed = excluded.sealed, kept_at = excluded.kept_at;

-- trim: all of a person's but the newest
DELETE FROM form_draft WHERE person_id = %(person_id)s AND path NOT IN (
    SELECT path FROM form_draft WHERE person_id = %(person_id)s ORDER BY kept_at DESC, path LIMIT %(limit)s
);

-- show: what stood in the form at this address
SELECT sealed, kept_at FROM form_draft WHERE person_id = %(person_id)s AND path = %(path)s;

-- drop: the form was sent
DELETE FROM form_draft WHERE person_id = %(person_id)s AND path = %(path)s;

-- expire: what nobody came back for in time
DELETE FROM form_draft WHERE (person_id, path) IN (
    SELECT person_id, path FROM form_draft WHERE kept_at <= %(before)s LIMIT %(limit)s
);
