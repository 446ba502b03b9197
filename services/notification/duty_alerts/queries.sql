-- Messages to whoever is on duty. Every query has a name and a sentence.

-- add: a message by one way; told twice it is one
INSERT INTO duty_alert (alert_id, way, case_id, staff_code, kind, cause, level, rule, due_at, others, correlation_id,
                        next_at, requested_at)
VALUES (%(alert_id)s, %(way)s, %(case_id)s, %(staff_code)s, %(kind)s, %(cause)s, %(level)s, %(rule)s, %(due_at)s,
        %(others)s, %(correlation_id)s, %(now)s, %(now)s)
ON CONFLICT DO NOTHING;

-- claim: the next message that is to be sent by one way, leased to one worker
UPDATE duty_alert SET claim_id = %(claim_id)s, lease_until = %(lease_until)s, attempts = attempts + 1
WHERE (alert_id, way) = (
    SELECT alert_id, way FROM duty_alert
    WHERE way = %(way)s AND state = 'pending' AND is_due(next_at, %(now)s, %(wait)s) AND NOT is_leased(lease_until, %(now)s, %(lease)s)
    ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING alert_id, way, case_id, staff_code, kind, cause, level, rule, due_at, others, correlation_id, attempts,
          requested_at, claim_id;

-- again: a message is tried again later
UPDATE duty_alert SET next_at = %(next_at)s, reason = %(reason)s, lease_until = NULL
WHERE alert_id = %(alert_id)s AND way = %(way)s AND claim_id = %(claim_id)s AND state = 'pending';

-- settle: what became of a message that waited
UPDATE duty_alert SET state = %(state)s, reason = %(reason)s, settled_at = %(now)s, lease_until = NULL
WHERE alert_id = %(alert_id)s AND way = %(way)s AND claim_id = %(claim_id)s AND state = 'pending';

-- mail_of: what the letter with this id belongs to; it is held until the end of the transaction
SELECT correlation_id FROM duty_alert WHERE alert_id = %(alert_id)s AND way = 'mail' FOR UPDATE;

-- receipt: what the provider tells of a letter; one that has bounced stays so
UPDATE duty_alert SET state = %(state)s, reason = %(reason)s, settled_at = %(now)s
WHERE alert_id = %(alert_id)s AND way = 'mail' AND state NOT IN ('failed', %(state)s);

-- has_failed: whether a letter to somebody of the staff ever failed, so that the provider may hold something against them
SELECT 1 AS found FROM duty_alert WHERE staff_code = %(staff_code)s AND way = 'mail' AND state = 'failed' LIMIT 1;

-- hopes: ways of a message that have not failed
SELECT 1 AS found FROM duty_alert WHERE alert_id = %(alert_id)s AND state <> 'failed' LIMIT 1;

-- failing: messages by one way that failed since the last one that did not; what a wrong clock dated ahead ends nothing
SELECT count(*) AS count, min(settled_at) AS since FROM duty_alert AS f
WHERE f.way = %(way)s AND f.state = 'failed' AND f.settled_at > coalesce(
    (SELECT max(o.settled_at) FROM duty_alert AS o
     WHERE o.way = %(way)s AND o.state <> 'failed' AND o.settled_at <= %(until)s), '-infinity'
);

-- forget: messages of long ago
DELETE FROM duty_alert WHERE (alert_id, way) IN (
    SELECT alert_id, way FROM duty_alert WHERE settled_at < %(before)s LIMIT %(limit)s
);
