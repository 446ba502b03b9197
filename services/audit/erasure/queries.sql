-- What an erasure takes here, and what a restore must not bring back.

-- lock_account: wait for work on this account to end, and keep any from beginning
SELECT pg_advisory_xact_lock(%(space)s, hashtext(%(account_id)s::text));

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

-- forget_tombstones: erased ids that no backup can bring back any more
DELETE FROM tombstone WHERE forget_on <= %(today)s;

-- left_of: a login of a company or of one of its users, or a reference that stands for it, that is not held
(SELECT 1 FROM login_event
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
   AND NOT is_kept(account_id, user_id, 'login_events') LIMIT 1)
UNION ALL
(SELECT 1 FROM subject_link
 WHERE CASE WHEN %(user_id)s::uuid IS NULL
       THEN account_id = %(account_id)s
       ELSE kind = 'user' AND id = %(user_id)s::uuid::text END
   AND NOT is_kept(%(account_id)s, CASE WHEN kind = 'user' AND id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                                   THEN id::uuid END, 'audit_trail') LIMIT 1)
LIMIT 1;

-- anybody: whether anybody is known at all
(SELECT 1 FROM login_event LIMIT 1) UNION ALL (SELECT 1 FROM subject_link LIMIT 1) LIMIT 1;
