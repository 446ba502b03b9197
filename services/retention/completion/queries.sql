-- Erasures that kept something. Every query has a name and a sentence.

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

-- hold_on: all that an erasure kept is still held, by these
UPDATE erasure SET held_by = %(held_by)s, version = version + 1 WHERE id = %(id)s;
