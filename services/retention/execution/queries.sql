-- What carrying out erasures needs. Every query has a name and a sentence.

-- due: scheduled erasures whose day has come, that have not passed the brake, and of which not everything is held
SELECT * FROM erasure WHERE state = 'scheduled' AND NOT cleared AND due_on <= %(latest)s
    AND NOT is_kept(account_id, user_id, NULL)
ORDER BY due_on, id LIMIT %(limit)s FOR UPDATE;

-- braked_count: how many wait for a person, or are under way without one having looked
SELECT count(*) AS count FROM (
    (SELECT 1 FROM erasure WHERE state = 'halted' LIMIT %(limit)s)
    UNION ALL
    (SELECT 1 FROM erasure WHERE state NOT IN ('certified', 'cancelled', 'halted') AND cleared AND NOT released
     LIMIT %(limit)s)
) AS braked;

-- one_run: only one replica plans a run at a time
SELECT pg_try_advisory_xact_lock(%(lock)s) AS taken;

-- clear: these passed the brake and may be looked at
UPDATE erasure SET cleared = true, next_at = %(now)s, version = version + 1 WHERE id = ANY(%(ids)s::uuid[]);

-- claim: take erasures in progress that have something to be done; looked at again when the lease ends, unless
-- something happens meanwhile, so that one that fails goes to the end of the line
WITH due AS (
    SELECT id FROM erasure
    WHERE state NOT IN ('certified', 'cancelled', 'halted') AND cleared AND is_due(next_at, %(now)s, %(due)s)
      AND NOT is_leased(lease_until, %(now)s, %(lease)s)
    ORDER BY next_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE erasure SET lease_until = %(lease_until)s, next_at = %(lease_until)s FROM due WHERE erasure.id = due.id RETURNING erasure.id;

-- let_go: nobody works on it any more; look again at `next_at`
UPDATE erasure SET lease_until = NULL, next_at = LEAST(%(next_at)s, coalesce(next_at, %(next_at)s))
WHERE id = %(id)s;

-- wait: nobody works on it any more; look again then, unless something has happened meanwhile
UPDATE erasure SET lease_until = NULL, next_at = %(next_at)s WHERE id = %(id)s AND version = %(version)s;

-- unlease: nobody works on it any more; it is to be looked at again at once
UPDATE erasure SET lease_until = NULL WHERE id = %(id)s;

-- keep_answer: a participant's latest word
INSERT INTO answer (erasure_id, participant, outcome, counts, retained, answered_at)
VALUES (%(erasure_id)s, %(participant)s, %(outcome)s, %(counts)s, %(retained)s, %(now)s)
ON CONFLICT (erasure_id, participant) DO UPDATE
SET outcome = EXCLUDED.outcome, counts = EXCLUDED.counts, retained = EXCLUDED.retained,
    answered_at = EXCLUDED.answered_at;
