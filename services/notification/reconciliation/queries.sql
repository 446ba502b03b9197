-- bring_forward: letters whose place in the line is further back than any can be stand in it as of now
UPDATE letter SET fair_at = %(now)s WHERE state = 'pending' AND fair_at > %(now)s + %(fair)s;

-- lost_letters: letters whose worker has not come back
SELECT * FROM letter
WHERE state = 'sending' AND NOT is_leased(lease_until, %(now)s, %(lease)s)
ORDER BY lease_until
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED;

-- claim_unknown: a letter whose fate is to be asked for, leased to one worker
UPDATE letter
SET claim_id = %(claim_id)s, due_at = %(lease_until)s
WHERE id = (
    SELECT id FROM letter
    WHERE state = 'unknown' AND is_due(due_at, %(now)s, %(due)s)
    ORDER BY due_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- claim_unheard_of: a letter that left and of which nothing more was heard, put off while it is asked for
UPDATE letter
SET claim_id = %(claim_id)s, reconcile_at = %(lease_until)s
WHERE id = (
    SELECT id FROM letter
    WHERE is_due(reconcile_at, %(now)s, %(reconcile)s)
    ORDER BY reconcile_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *;
