-- Holds. Every query has a name and a sentence.

-- save: a hold as it is after a decision
INSERT INTO hold (id, account_id, user_ids, categories, reason, case_ref, owner, requested_by, approved_by, starts_on,
                  review_on, placed_at, as_of, overdue_told_on, overdue_told, released_at, released_by, release_reason,
                  case_id)
VALUES (%(id)s, %(account_id)s, %(user_ids)s, %(categories)s, %(reason)s, %(case_ref)s, %(owner)s, %(requested_by)s,
        %(approved_by)s, %(starts_on)s, %(review_on)s, %(placed_at)s, %(as_of)s, %(overdue_told_on)s,
        %(overdue_told)s, %(released_at)s, %(released_by)s, %(release_reason)s, %(case_id)s)
ON CONFLICT (id) DO UPDATE
SET reason = EXCLUDED.reason, owner = EXCLUDED.owner, requested_by = EXCLUDED.requested_by, approved_by = EXCLUDED.approved_by,
    review_on = EXCLUDED.review_on, as_of = EXCLUDED.as_of, overdue_told_on = EXCLUDED.overdue_told_on,
    overdue_told = EXCLUDED.overdue_told, released_at = EXCLUDED.released_at, released_by = EXCLUDED.released_by,
    release_reason = EXCLUDED.release_reason;

-- get: one hold
SELECT * FROM hold WHERE id = %(id)s;

-- get_locked: one hold, held until the end of the transaction
SELECT * FROM hold WHERE id = %(id)s FOR UPDATE;

-- listed: a page of holds of an account or of all, by review date
SELECT * FROM hold
WHERE (%(account_id)s::uuid IS NULL OR account_id = %(account_id)s)
  AND CASE %(state)s::text
      WHEN 'released' THEN released_at IS NOT NULL
      WHEN 'overdue' THEN released_at IS NULL AND review_on < %(today)s
      ELSE released_at IS NULL END
  AND (%(after_at)s::date IS NULL OR (review_on, id) > (%(after_at)s::date, %(after_id)s::uuid))
ORDER BY review_on, id LIMIT %(limit)s;

-- overdue: holds whose review date has passed and of which that was not told for a week
SELECT * FROM hold
WHERE released_at IS NULL AND review_on < %(today)s AND overdue_told < %(told_limit)s
  AND (overdue_told_on IS NULL OR overdue_told_on <= %(told_before)s)
ORDER BY review_on, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- erased_while_held: erasures begun while a hold was in force that was on all of it, or that they did not mind
SELECT count(DISTINCT e.id) AS count FROM erasure AS e JOIN hold AS h ON h.account_id = e.account_id
WHERE e.state <> 'cancelled' AND h.placed_at < e.begun_at
  AND (h.released_at IS NULL OR h.released_at > e.begun_at)
  AND CASE
      WHEN h.user_ids = '{}' OR e.user_id = ANY (h.user_ids) THEN h.categories = '{}' OR h.id <> ALL (e.held_by)
      ELSE e.user_id IS NULL AND h.id <> ALL (e.held_by) END;

-- purge: holds released long ago that no erasure waits for any more
DELETE FROM hold WHERE id IN (
    SELECT h.id FROM hold AS h WHERE h.released_at < %(before)s
      AND NOT EXISTS (SELECT FROM erasure AS e WHERE e.account_id = h.account_id AND e.state = 'certified'
                      AND e.kept_back AND NOT e.followed_up)
    ORDER BY h.released_at LIMIT %(limit)s
);

-- reviews_waiting: how many holds have had their review date without a decision, and the earliest of these dates
SELECT count(*) AS count, min(review_on) AS since FROM hold WHERE released_at IS NULL AND review_on < %(today)s;
