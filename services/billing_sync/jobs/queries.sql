-- The queue of jobs. Every query has a name and a sentence.

-- want: this work is to be done for the account; while it is under way, remember to do it once more
INSERT INTO job (id, account_id, user_id, kind, erasure_id, held_users, state, due_at, wanted_at)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(kind)s, %(erasure_id)s, %(held_users)s, 'waiting', %(now)s, %(now)s)
ON CONFLICT (account_id, kind, coalesce(user_id, '00000000-0000-0000-0000-000000000000')) DO UPDATE
SET again = job.state = 'working',
    state = CASE WHEN job.state = 'working' THEN 'working' ELSE 'waiting' END,
    due_at = CASE WHEN job.state = 'working' THEN job.due_at ELSE LEAST(job.due_at, EXCLUDED.due_at) END,
    erasure_id = coalesce(EXCLUDED.erasure_id, job.erasure_id), held_users = EXCLUDED.held_users;

-- claim: take due work, one piece an account, whose lease nobody holds; minimising goes first. What decides is asked
-- again of the locked row: another replica may have taken it between the look and the lock
WITH due AS (
    SELECT DISTINCT ON (account_id) id, due_at, kind FROM job
    WHERE state <> 'failed' AND is_due(due_at, %(now)s, %(job_due_at)s) AND NOT is_leased(lease_until, %(now)s, %(job_lease)s)
      AND NOT EXISTS (
          SELECT 1 FROM job AS other
          WHERE other.account_id = job.account_id AND other.id <> job.id
            AND is_leased(other.lease_until, %(now)s, %(job_lease)s)
      )
    ORDER BY account_id, kind, due_at
), mine AS (
    SELECT job.id FROM job JOIN due USING (id)
    WHERE job.state <> 'failed' AND NOT is_leased(job.lease_until, %(now)s, %(job_lease)s)
    ORDER BY due.kind, due.due_at LIMIT %(limit)s FOR UPDATE OF job SKIP LOCKED
)
UPDATE job SET state = 'working', lease_until = %(lease_until)s, attempts = attempts + 1
FROM mine WHERE job.id = mine.id
RETURNING job.id, job.account_id, job.user_id, job.kind, job.erasure_id, job.attempts, job.lease_until,
    job.held_users;

-- extend: still at it; no row where somebody else has taken over
UPDATE job SET lease_until = %(new_lease)s WHERE id = %(id)s AND lease_until = %(lease_until)s AND state = 'working';

-- finish: the work is done; what was asked for meanwhile stays waiting
DELETE FROM job WHERE id = %(id)s AND lease_until = %(lease_until)s AND NOT again;

-- do_again: it was asked for again while it was under way
UPDATE job SET state = 'waiting', again = false, attempts = 0, lease_until = NULL, due_at = %(now)s, wanted_at = %(now)s,
    reason = NULL
WHERE id = %(id)s AND lease_until = %(lease_until)s AND again;

-- postpone: it did not work this time
UPDATE job SET state = 'waiting', lease_until = NULL, due_at = %(due_at)s, reason = %(reason)s,
    attempts = %(attempts)s
WHERE id = %(id)s AND lease_until = %(lease_until)s;

-- give_up: it will not work by itself; a person must look
UPDATE job SET state = 'failed', lease_until = NULL, reason = %(reason)s
WHERE id = %(id)s AND lease_until = %(lease_until)s;

-- failed: a page of what waits for a person, oldest first
SELECT id AS job_id, account_id, kind, attempts, reason, due_at FROM job
WHERE state = 'failed'
  AND (%(after_at)s::timestamptz IS NULL OR (due_at, id) > (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY due_at, id LIMIT %(limit)s;

-- failed_waiting: how many pieces of work wait for a person, and since when the oldest was to be done
SELECT count(*) AS count, min(due_at) AS since FROM job WHERE state = 'failed';

-- long_waiting: how much work has been wanted since before then and is not done, and since when the oldest
SELECT count(*) AS count, min(wanted_at) AS since FROM job WHERE state <> 'failed' AND wanted_at < %(before)s;

-- retry: try a failed piece of work again now; returns which it is
UPDATE job SET state = 'waiting', attempts = 0, due_at = %(now)s WHERE id = %(id)s AND state = 'failed'
RETURNING id AS job_id, account_id, kind;

-- jobs_of: the open work of one account
SELECT kind, state, attempts, reason, due_at FROM job WHERE account_id = %(account_id)s ORDER BY due_at LIMIT 50;

-- drop_syncs: the account is erased: nothing more is copied
DELETE FROM job WHERE account_id = %(account_id)s AND kind = 'sync' AND (state <> 'working' OR %(under_way)s);
