-- claim_mailing: the next mailing to be split up, leased to one worker
UPDATE mailing
SET claim_id = %(claim_id)s, lease_until = %(lease_until)s, attempts = attempts + 1
WHERE id = (
    SELECT id FROM mailing
    WHERE state = 'pending' AND is_due(due_at, %(now)s, %(due)s) AND NOT is_leased(lease_until, %(now)s, %(lease)s)
    ORDER BY lane, due_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- drop_mailing: the mailing this worker holds is to nobody
DELETE FROM mailing WHERE id = %(id)s AND claim_id = %(claim_id)s;

-- settle_mailing: the mailing this worker holds goes on to another state
UPDATE mailing
SET state = %(state)s, due_at = coalesce(%(due_at)s, due_at), settled_at = %(settled_at)s, lease_until = NULL
WHERE id = %(id)s AND claim_id = %(claim_id)s AND state = 'pending';

-- tries: whom a letter of this mailing went to, and how that stands, the last one last
SELECT user_id, state, reason FROM letter
WHERE mailing_id = %(id)s AND state <> 'superseded' ORDER BY requested_at, due_at, id;
