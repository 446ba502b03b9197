-- Holds and restrictions as retention keeps them. Every query has a name and a sentence.

-- lock_account: placing, fixing what is held, and ending come one after the other in an account
SELECT pg_advisory_xact_lock(hashtextextended(%(account_id)s::text, 59));

-- keep_hold: a hold as it is after a decision
INSERT INTO hold (id, account_id, user_ids, categories, reason, case_ref, owner, requested_by, approved_by, starts_on,
                  review_on, placed_at, as_of, overdue_told_on, overdue_told, released_at, released_by, release_reason)
VALUES (%(id)s, %(account_id)s, %(user_ids)s, %(categories)s, %(reason)s, %(case_ref)s, %(owner)s, %(requested_by)s,
        %(approved_by)s, %(starts_on)s, %(review_on)s, %(placed_at)s, %(as_of)s, %(overdue_told_on)s,
        %(overdue_told)s, %(released_at)s, %(released_by)s, %(release_reason)s)
ON CONFLICT (id) DO UPDATE
SET reason = EXCLUDED.reason, requested_by = EXCLUDED.requested_by, approved_by = EXCLUDED.approved_by,
    review_on = EXCLUDED.review_on, as_of = EXCLUDED.as_of, overdue_told_on = EXCLUDED.overdue_told_on,
    overdue_told = EXCLUDED.overdue_told, released_at = EXCLUDED.released_at, released_by = EXCLUDED.released_by,
    release_reason = EXCLUDED.release_reason;

-- hold: one hold
SELECT * FROM hold WHERE id = %(id)s;

-- hold_locked: one hold, held until the end of the transaction
SELECT * FROM hold WHERE id = %(id)s FOR UPDATE;

-- active_holds: the holds in force on an account
SELECT * FROM hold WHERE account_id = %(account_id)s AND released_at IS NULL ORDER BY placed_at, id LIMIT 100;

-- list_holds: holds of an account or of all, by review date
SELECT * FROM hold
WHERE (%(account_id)s::uuid IS NULL OR account_id = %(account_id)s)
  AND CASE %(state)s::text
      WHEN 'released' THEN released_at IS NOT NULL
      WHEN 'overdue' THEN released_at IS NULL AND review_on < %(today)s
      ELSE released_at IS NULL END
ORDER BY review_on, id LIMIT %(limit)s;

-- overdue: holds whose review date has passed and of which that was not told for a week
SELECT * FROM hold
WHERE released_at IS NULL AND review_on < %(today)s AND overdue_told < %(told_limit)s
  AND (overdue_told_on IS NULL OR overdue_told_on <= %(told_before)s)
ORDER BY review_on, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- forget_holds: holds released long ago that no erasure waits for any more
DELETE FROM hold WHERE id IN (
    SELECT h.id FROM hold AS h WHERE h.released_at < %(before)s
      AND NOT EXISTS (SELECT FROM erasure AS e WHERE e.account_id = h.account_id AND e.state = 'certified'
                      AND e.kept_back AND NOT e.followed_up)
    ORDER BY h.released_at LIMIT %(limit)s
);

-- keep_restriction: a restriction as it is after a decision
INSERT INTO restriction (id, account_id, user_id, ground, requested_on, set_by, set_at, announced_at, announcement_id,
                         told_at, told_by, lifted_at, lifted_by)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(ground)s, %(requested_on)s, %(set_by)s, %(set_at)s, %(announced_at)s,
        %(announcement_id)s, %(told_at)s, %(told_by)s, %(lifted_at)s, %(lifted_by)s)
ON CONFLICT (id) DO UPDATE
SET announced_at = EXCLUDED.announced_at, announcement_id = EXCLUDED.announcement_id, told_at = EXCLUDED.told_at,
    told_by = EXCLUDED.told_by, lifted_at = EXCLUDED.lifted_at, lifted_by = EXCLUDED.lifted_by;

-- restriction: one restriction
SELECT * FROM restriction WHERE id = %(id)s;

-- restriction_locked: one restriction, held until the end of the transaction
SELECT * FROM restriction WHERE id = %(id)s FOR UPDATE;

-- announced_by: the restriction whose lifting this event announced, held until the end of the transaction
SELECT * FROM restriction WHERE announcement_id = %(announcement_id)s AND lifted_at IS NULL FOR UPDATE;

-- set_restrictions: the restrictions in force on an account
SELECT * FROM restriction WHERE account_id = %(account_id)s AND lifted_at IS NULL ORDER BY set_at, id LIMIT 20000;

-- list_restrictions: restrictions of an account or of all, oldest first
SELECT * FROM restriction
WHERE (%(account_id)s::uuid IS NULL OR account_id = %(account_id)s)
  AND (lifted_at IS NOT NULL) = (%(state)s = 'lifted')
ORDER BY set_at, id LIMIT %(limit)s;

-- forget_restrictions: restrictions lifted long ago that no erasure waits for any more
DELETE FROM restriction WHERE id IN (
    SELECT r.id FROM restriction AS r WHERE r.lifted_at < %(before)s
      AND NOT EXISTS (SELECT FROM erasure AS e WHERE e.account_id = r.account_id AND e.state = 'certified'
                      AND e.kept_back AND NOT e.followed_up)
    ORDER BY r.lifted_at LIMIT %(limit)s
);

-- to_complete: erasures that kept something of which not all is held any more; an erasure of the whole account that is
-- beyond its fence takes those of its users along
SELECT e.id, e.account_id FROM erasure AS e
WHERE e.state = 'certified' AND e.kept_back AND NOT e.followed_up
  AND (e.held_by = '{}' OR EXISTS (
      SELECT FROM unnest(e.held_by) AS source
      WHERE NOT EXISTS (SELECT FROM hold WHERE id = source AND released_at IS NULL)
        AND NOT EXISTS (SELECT FROM restriction WHERE id = source AND lifted_at IS NULL)))
  AND NOT EXISTS (SELECT FROM erasure AS o WHERE o.account_id = e.account_id AND o.state NOT IN ('certified', 'cancelled')
                  AND o.user_id IS NOT DISTINCT FROM e.user_id)
ORDER BY e.entered_at, e.id LIMIT %(limit)s;

-- follow_up: what this erasure kept is another one's business now
UPDATE erasure SET followed_up = true, version = version + 1 WHERE id = %(id)s AND NOT followed_up;

-- suspended_among: erasures that have not begun and of which everything may only be stored
SELECT id FROM erasure WHERE id = ANY (%(ids)s::uuid[]) AND state IN ('scheduled', 'halted', 'announced')
    AND held IS NULL AND is_kept(account_id, user_id, NULL);

-- followed_up: what the erasure with this certificate kept has been erased by another one since
UPDATE erasure SET followed_up = true, version = version + 1
WHERE certificate_id = %(certificate_id)s AND state = 'certified' AND NOT followed_up;

-- take_over: what erasures of single users kept is the business of that of their account
UPDATE erasure SET followed_up = true, version = version + 1
WHERE account_id = %(account_id)s AND user_id IS NOT NULL AND state = 'certified' AND kept_back AND NOT followed_up;

-- hold_on: all that an erasure kept is still held, by these
UPDATE erasure SET held_by = %(held_by)s, version = version + 1 WHERE id = %(id)s;

-- waiting: erasures of the account or of its users that can still be called off
SELECT id FROM erasure WHERE account_id = %(account_id)s AND state IN ('scheduled', 'halted')
ORDER BY user_id NULLS FIRST, id LIMIT 20000;

-- reviews_waiting: how many holds have had their review date without a decision, and the earliest of these dates
SELECT count(*) AS count, min(review_on) AS since FROM hold WHERE released_at IS NULL AND review_on < %(today)s;

-- told_and_not_lifted: when the persons of restrictions in force were told that these end, the earliest first
SELECT told_at FROM restriction WHERE lifted_at IS NULL AND told_at IS NOT NULL ORDER BY told_at LIMIT %(limit)s;

-- announced_and_not_told: restrictions whose end was announced before then and no person is known to have been told
SELECT count(*) AS count, min(announced_at) AS since FROM restriction
WHERE lifted_at IS NULL AND told_at IS NULL AND announced_at < %(before)s;

-- long_restricted: restrictions set before then of which no end was announced
SELECT count(*) AS count, min(set_at) AS since FROM restriction
WHERE lifted_at IS NULL AND announced_at IS NULL AND set_at < %(before)s;
