-- Whom a breach may concern. Every query has a name and a sentence.

-- subjects: customers with their users as they were there at an instant, a page; what was erased since is not here
SELECT a.id AS account_id, u.id AS user_id, coalesce(u.role = 'owner', false) AS is_owner
FROM account AS a LEFT JOIN account_user AS u
    ON u.account_id = a.id AND u.created_at <= %(as_of)s AND (NOT %(active_only)s OR u.state = 'active')
WHERE a.created_at <= %(as_of)s AND (%(every)s OR a.id = ANY(%(account_ids)s))
  AND (NOT %(active_only)s OR a.state = 'active')
  AND (a.id, coalesce(u.id, %(nobody)s)) > (%(after_account)s, %(after_user)s)
ORDER BY a.id, coalesce(u.id, %(nobody)s) LIMIT %(limit)s;
