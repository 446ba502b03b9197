-- What of an account may only be stored. Every query has a name and a sentence.

-- lock_account: placing, fixing what is held, and ending come one after the other in an account
SELECT pg_advisory_xact_lock(hashtextextended(%(account_id)s::text, 59));

-- active_holds: the holds in force on an account
SELECT * FROM hold WHERE account_id = %(account_id)s AND released_at IS NULL ORDER BY placed_at, id LIMIT 100;

-- set_restrictions: the restrictions in force on an account
SELECT * FROM restriction WHERE account_id = %(account_id)s AND lifted_at IS NULL ORDER BY set_at, id LIMIT 20000;

-- waiting: erasures of the account or of its users that can still be called off
SELECT id FROM erasure WHERE account_id = %(account_id)s AND state IN ('scheduled', 'halted')
ORDER BY user_id NULLS FIRST, id LIMIT 20000;

-- kept_back: whether an erasure that is over kept something of an account, or of this user, which is still there
SELECT FROM erasure AS e
WHERE e.account_id = %(account_id)s AND e.state = 'certified' AND e.kept_back AND NOT e.followed_up
  AND (%(user_id)s::uuid IS NULL OR e.user_id IS NULL OR e.user_id = %(user_id)s)
  AND (%(user_id)s::uuid IS NULL OR EXISTS (
      SELECT FROM jsonb_to_recordset(e.held) AS part (user_id uuid)
      WHERE part.user_id IS NULL OR part.user_id = %(user_id)s))
LIMIT 1;
