-- Bringing a database that was set back up to the facts of the ledger.

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
