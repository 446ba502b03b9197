-- The part of cases in forgetting. Every query has a name and a sentence.

-- erase_subjects: whom cases are about, of a company or one of its people; cases keep how many, what is held stays,
-- and so does the company of a person on a list
WITH gone AS (
    DELETE FROM case_subject
    WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
      AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s)
    RETURNING case_id
), counted AS (
    UPDATE case_file AS f SET subjects_erased = f.subjects_erased + g.count
    FROM (SELECT case_id, count(*) AS count FROM gone GROUP BY case_id) AS g WHERE f.id = g.case_id
), off_lists AS (
    DELETE FROM affected_subject
    WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
      AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s)
    RETURNING list_id, account_id, part
), customer_stays AS (
    INSERT INTO affected_subject (list_id, account_id, part)
    SELECT list_id, account_id, part FROM off_lists WHERE %(user_id)s::uuid IS NOT NULL ON CONFLICT DO NOTHING
), untold AS (
    DELETE FROM notice_recipient
    WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
      AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s)
    RETURNING 1
), not_filed AS (
    DELETE FROM filing_customer
    WHERE account_id = %(account_id)s AND %(user_id)s::uuid IS NULL
      AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], NULL::uuid, %(category)s)
    RETURNING 1
), unnamed AS (
    UPDATE case_cost SET account_id = NULL, customer_erased = true
    WHERE account_id = %(account_id)s AND %(user_id)s::uuid IS NULL
      AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], NULL::uuid, %(category)s)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM off_lists) + (SELECT count(*) FROM untold)
     + (SELECT count(*) FROM not_filed) + (SELECT count(*) FROM unnamed) AS count;

-- mark_erased: whoever is erased comes on no list any more
INSERT INTO erased_mark (digest, erased_at) VALUES (%(digest)s, %(now)s) ON CONFLICT (digest) DO NOTHING;

-- left_held: a row of the scope that was left
SELECT 1 AS found FROM (
    SELECT account_id, user_id FROM case_subject UNION ALL
    SELECT account_id, user_id FROM affected_subject UNION ALL
    SELECT account_id, user_id FROM notice_recipient UNION ALL
    SELECT account_id, NULL::uuid FROM filing_customer UNION ALL
    SELECT account_id, NULL::uuid FROM case_cost
) AS named
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1;

-- left_of: a row of the scope that is not held
SELECT 1 AS found FROM (
    SELECT account_id, user_id FROM case_subject UNION ALL
    SELECT account_id, user_id FROM affected_subject UNION ALL
    SELECT account_id, user_id FROM notice_recipient UNION ALL
    SELECT account_id, NULL::uuid FROM filing_customer UNION ALL
    SELECT account_id, NULL::uuid FROM case_cost
) AS named
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_kept(account_id, user_id, 'cases') LIMIT 1;

-- anything: whether there is anything at all
SELECT 1 AS found FROM case_file LIMIT 1;
