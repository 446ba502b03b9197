-- Restrictions of GDPR article 18. Every query has a name and a sentence.

-- save: a restriction as it is after a decision
INSERT INTO restriction (id, account_id, user_id, ground, requested_on, set_by, set_at, announced_at, announcement_id,
                         told_at, told_by, lifted_at, lifted_by)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(ground)s, %(requested_on)s, %(set_by)s, %(set_at)s, %(announced_at)s,
        %(announcement_id)s, %(told_at)s, %(told_by)s, %(lifted_at)s, %(lifted_by)s)
ON CONFLICT (id) DO UPDATE
SET announced_at = EXCLUDED.announced_at, announcement_id = EXCLUDED.announcement_id, told_at = EXCLUDED.told_at,
    told_by = EXCLUDED.told_by, lifted_at = EXCLUDED.lifted_at, lifted_by = EXCLUDED.lifted_by;

-- get: one restriction
SELECT * FROM restriction WHERE id = %(id)s;

-- get_locked: one restriction, held until the end of the transaction
SELECT * FROM restriction WHERE id = %(id)s FOR UPDATE;

-- announced_by: the restriction whose lifting this event announced, held until the end of the transaction
SELECT * FROM restriction WHERE announcement_id = %(announcement_id)s AND lifted_at IS NULL FOR UPDATE;

-- listed: a page of restrictions of an account or of all, oldest first
SELECT * FROM restriction
WHERE (%(account_id)s::uuid IS NULL OR account_id = %(account_id)s)
  AND (lifted_at IS NOT NULL) = (%(state)s = 'lifted')
  AND (%(after_at)s::timestamptz IS NULL OR (set_at, id) > (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY set_at, id LIMIT %(limit)s;

-- erased_while_restricted: erasures begun while a restriction was in force on all of it, or that they did not mind
SELECT count(DISTINCT e.id) AS count FROM erasure AS e JOIN restriction AS r ON r.account_id = e.account_id
WHERE e.state <> 'cancelled' AND r.set_at < e.begun_at
  AND (r.lifted_at IS NULL OR r.lifted_at > e.begun_at)
  AND CASE
      WHEN r.user_id IS NULL OR r.user_id = e.user_id THEN true
      ELSE e.user_id IS NULL AND r.id <> ALL (e.held_by) END;

-- purge: restrictions lifted long ago that no erasure waits for any more
DELETE FROM restriction WHERE id IN (
    SELECT r.id FROM restriction AS r WHERE r.lifted_at < %(before)s
      AND NOT EXISTS (SELECT FROM erasure AS e WHERE e.account_id = r.account_id AND e.state = 'certified'
                      AND e.kept_back AND NOT e.followed_up)
    ORDER BY r.lifted_at LIMIT %(limit)s
);

-- told_and_not_lifted: when the persons of restrictions in force were told that these end, the earliest first
SELECT told_at FROM restriction WHERE lifted_at IS NULL AND told_at IS NOT NULL ORDER BY told_at LIMIT %(limit)s;

-- announced_and_not_told: restrictions whose end was announced before then and no person is known to have been told
SELECT count(*) AS count, min(announced_at) AS since FROM restriction
WHERE lifted_at IS NULL AND told_at IS NULL AND announced_at < %(before)s;

-- long_restricted: restrictions set before then of which no end was announced
SELECT count(*) AS count, min(set_at) AS since FROM restriction
WHERE lifted_at IS NULL AND announced_at IS NULL AND set_at < %(before)s;
