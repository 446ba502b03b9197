-- erase_webhooks: webhooks about the letters of a company or one of its users
DELETE FROM webhook
WHERE letter_id IN (
    SELECT id FROM letter
    WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
);

-- erase_cleanups: addresses still to be forgotten of a company or one of its users
DELETE FROM address_cleanup
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_letters: letters of a company or to one of its users; what is held stays
DELETE FROM letter
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_mailings: mailings of a company or to one of its users; what is held stays
DELETE FROM mailing
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_suppressions: digests of the addresses of a company's users or of one of them; what is held stays
DELETE FROM suppression
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_opt_outs: what a company's users or one of them declined; what is held stays
DELETE FROM opt_out
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_objections: how and when a company's users or one of them objected to marketing; what is held stays
DELETE FROM objection
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_consents: what a company's users or one of them agreed to; what is held stays
DELETE FROM consent
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_tasks: what a person was to do for a company or one of its users; what is held stays
DELETE FROM person_task
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- left_held: a row of the scope that was left
(SELECT 1 AS found FROM person_task
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
UNION ALL
(SELECT 1 FROM letter
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
UNION ALL
(SELECT 1 FROM mailing
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
UNION ALL
(SELECT 1 FROM suppression
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
UNION ALL
(SELECT 1 FROM opt_out
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
UNION ALL
(SELECT 1 FROM objection
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
UNION ALL
(SELECT 1 FROM consent
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
LIMIT 1;

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
UNION ALL
(SELECT 1 FROM objection WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
   AND NOT is_kept(account_id, user_id, 'objections') LIMIT 1)
UNION ALL
(SELECT 1 FROM consent WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
   AND NOT is_kept(account_id, user_id, 'objections') LIMIT 1)
LIMIT 1;

-- anything: whether there is anything at all
(SELECT 1 FROM letter LIMIT 1) UNION ALL (SELECT 1 FROM opt_out LIMIT 1) UNION ALL (SELECT 1 FROM consent LIMIT 1)
LIMIT 1;
