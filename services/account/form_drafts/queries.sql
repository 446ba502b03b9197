-- Forms that somebody had filled in when their session ended.

-- keep: what stood in the form at this address; a newer one takes its place
INSERT INTO form_draft (user_id, account_id, path, sealed, kept_at)
VALUES (%(user_id)s, %(account_id)s, %(path)s, %(sealed)s, %(now)s)
ON CONFLICT (user_id, path) DO UPDATE SET sealed = excluded.sealed, kept_at = excluded.kept_at;

-- trim: all of a user's but the newest
DELETE FROM form_draft WHERE user_id = %(user_id)s AND path NOT IN (
    SELECT path FROM form_draft WHERE user_id = %(user_id)s ORDER BY kept_at DESC, path LIMIT %(limit)s
);

-- show: what stood in the form at this address
SELECT sealed, kept_at FROM form_draft WHERE user_id = %(user_id)s AND path = %(path)s;

-- drop: the form was sent
DELETE FROM form_draft WHERE user_id = %(user_id)s AND path = %(path)s;

-- expire: what nobody came back for in time
DELETE FROM form_draft WHERE (user_id, path) IN (
    SELECT user_id, path FROM form_draft WHERE kept_at <= %(before)s LIMIT %(limit)s
);
