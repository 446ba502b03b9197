-- Bringing a database that was set back up to the facts of the ledger.

-- left_of: a row of a company, or of one of its users, that is not held
(SELECT 1 FROM letter WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
   AND NOT is_kept(account_id, user_id, 'letters') LIMIT 1)
UNION ALL
(SELECT 1 FROM mailing WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
   AND NOT is_kept(account_id, user_id, 'letters') LIMIT 1)
UNION ALL
(SELECT 1 FROM person_task WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
   AND NOT is_kept(account_id, user_id, 'letters') LIMIT 1)
UNION ALL
(SELECT 1 FROM suppression
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
   AND NOT is_kept(account_id, user_id, 'objections') LIMIT 1)
UNION ALL
(SELECT 1 FROM opt_out WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
   AND NOT is_kept(account_id, user_id, 'objections') LIMIT 1)
LIMIT 1;

-- anything: whether there is anything at all
(SELECT 1 FROM letter LIMIT 1) UNION ALL (SELECT 1 FROM opt_out LIMIT 1) LIMIT 1;
