-- What may only be stored, in each service's own database. Every query has a name and a sentence.

-- impose: from now on this may only be stored, unless it is heard of after its end
INSERT INTO restricted (id, account_id, user_id, categories, kind, since)
SELECT %(id)s, %(account_id)s, person, %(categories)s, %(kind)s, %(since)s
FROM unnest(%(user_ids)s::uuid[]) AS person
WHERE NOT EXISTS (SELECT FROM restriction_over WHERE id = %(id)s)
ON CONFLICT DO NOTHING;

-- note_end: whatever is heard of it later begins nothing
INSERT INTO restriction_over (id, over_at) VALUES (%(id)s, %(now)s) ON CONFLICT (id) DO NOTHING;

-- lift: it is over
DELETE FROM restricted WHERE id = %(id)s;

-- lock: beginning and end of the same one come one after the other
SELECT pg_advisory_xact_lock(hashtextextended(%(id)s::text, 18));

-- stands: whether it is in force, or over
SELECT EXISTS (SELECT FROM restricted WHERE id = %(id)s) AS in_force,
       EXISTS (SELECT FROM restriction_over WHERE id = %(id)s) AS over;

-- is_kept: whether a category of a person, or of the company itself, may only be stored
SELECT is_kept(%(account_id)s, %(user_id)s::uuid, %(category)s::text) AS kept;

-- of_account: all that is in force in an account
SELECT user_id, categories FROM restricted WHERE account_id = %(account_id)s LIMIT %(limit)s;

-- erase: nothing is left in the scope that could be restricted
DELETE FROM restricted
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- forget_ends: what ended so long ago that no beginning of it can be heard any more
DELETE FROM restriction_over WHERE id IN (
    SELECT id FROM restriction_over WHERE over_at < %(before)s ORDER BY over_at LIMIT %(limit)s
);
