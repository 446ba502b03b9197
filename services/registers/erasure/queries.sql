-- The part of registers in forgetting. Every query has a name and a sentence.

-- erase_people: whom records name, of a company or one of its people; what is held stays
DELETE FROM register_person
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_records: records of a company with their revisions, but for those that are held, or name somebody who is
DELETE FROM register_record AS r
WHERE r.account_id = %(account_id)s AND %(user_id)s::uuid IS NULL
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], NULL, %(category)s)
  AND NOT EXISTS (SELECT FROM register_person AS p WHERE p.record_id = r.id);

-- left_held: a row of the scope that was left
(SELECT 1 AS found FROM register_person
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
UNION ALL
(SELECT 1 FROM register_record WHERE account_id = %(account_id)s AND %(user_id)s::uuid IS NULL LIMIT 1)
LIMIT 1;

-- left_of: a row of the scope that is not held
(SELECT 1 AS found FROM register_person
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
   AND NOT is_kept(account_id, user_id, 'registers') LIMIT 1)
UNION ALL
(SELECT 1 FROM register_record AS r
 WHERE r.account_id = %(account_id)s AND %(user_id)s::uuid IS NULL AND NOT is_kept(r.account_id, NULL, 'registers')
   AND NOT EXISTS (SELECT FROM register_person AS p WHERE p.record_id = r.id
                   AND is_kept(p.account_id, p.user_id, 'registers')) LIMIT 1)
LIMIT 1;

-- anything: whether there is anything at all
SELECT 1 AS found FROM register_record LIMIT 1;
