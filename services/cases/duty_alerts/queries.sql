-- Calls to whoever is on duty. Every query has a name and a sentence.

-- opened: cases opened by no other case for which nobody was called yet, of these kinds or about one of these
SELECT f.id AS case_id, '' AS mark, NULL AS rule,
       (SELECT min(c.internal_due) FROM case_clock AS c WHERE c.case_id = f.id AND c.stopped_at IS NULL) AS due_at
FROM case_file AS f
WHERE f.ended_at IS NULL AND (f.kind = ANY(%(kinds)s) OR f.signal = ANY(%(signals)s))
  AND NOT f.opened_by = ANY(%(cases)s)
  AND NOT EXISTS (SELECT FROM case_alert AS a WHERE a.case_id = f.id AND a.cause = 'opened')
ORDER BY f.opened_at LIMIT %(limit)s;

-- marks: clocks of open cases that have come to a mark for which nobody was called yet
SELECT c.case_id, c.rule || ':' || c.round || ':' || c.told AS mark, c.rule, c.internal_due AS due_at,
       c.internal_due <= %(now)s AS is_over
FROM case_clock AS c JOIN case_file AS f ON f.id = c.case_id
WHERE c.told > 0 AND c.stopped_at IS NULL AND f.ended_at IS NULL
  AND NOT EXISTS (
      SELECT FROM case_alert AS a WHERE a.case_id = c.case_id AND a.cause IN ('warning', 'over')
        AND a.mark = c.rule || ':' || c.round || ':' || c.told
  )
ORDER BY c.internal_due LIMIT %(limit)s;

-- not_carried_out: what was decided in open cases and is late, and for which nobody was called yet
SELECT e.case_id, e.decision_id || ':' || e.code AS mark, NULL AS rule, NULL AS due_at
FROM case_effect AS e JOIN case_file AS f ON f.id = e.case_id
WHERE e.confirmed_at IS NULL AND (e.next_at IS NULL OR e.ordered_at < %(before)s) AND f.ended_at IS NULL
  AND NOT EXISTS (
      SELECT FROM case_alert AS a
      WHERE a.case_id = e.case_id AND a.cause = 'not_carried_out' AND a.mark = e.decision_id || ':' || e.code
  )
ORDER BY e.ordered_at LIMIT %(limit)s;

-- not_told: notices of open cases with recipients of whom nobody knows whether they were told
SELECT n.case_id, n.id::text AS mark, NULL AS rule, NULL AS due_at
FROM breach_notice AS n JOIN case_file AS f ON f.id = n.case_id
WHERE n.decided_at < %(before)s AND f.ended_at IS NULL
  AND EXISTS (
      SELECT FROM notice_recipient AS r
      WHERE r.notice_id = n.id AND r.ordered_at < %(before)s AND r.told_at IS NULL AND r.failed_at IS NULL
  )
  AND NOT EXISTS (
      SELECT FROM case_alert AS a WHERE a.case_id = n.case_id AND a.cause = 'not_told' AND a.mark = n.id::text
  )
ORDER BY n.decided_at LIMIT %(limit)s;

-- more_named: open cases that came to name somebody who got in after they were opened, for which nobody was called yet
SELECT DISTINCT ON (f.id) f.id AS case_id, encode(i.digest, 'hex') AS mark, NULL AS rule, NULL AS due_at
FROM case_file AS f JOIN case_intake AS i ON i.case_id = f.id AND i.received_at > f.opened_at
WHERE f.ended_at IS NULL AND i.signal = %(signal)s
  AND EXISTS (SELECT FROM case_subject AS s WHERE s.case_id = f.id AND s.added_at = i.received_at)
  AND NOT EXISTS (
      SELECT FROM case_alert AS a WHERE a.case_id = f.id AND a.cause = 'more_named'
        AND (a.raised_at >= i.received_at OR a.mark = encode(i.digest, 'hex'))
  )
ORDER BY f.id, i.received_at DESC LIMIT %(limit)s;

-- not_told_count: recipients of whom nobody knows whether they were told, and since when the first waits
SELECT count(*) AS count, min(r.ordered_at) AS since FROM notice_recipient AS r
WHERE r.ordered_at < %(before)s AND r.told_at IS NULL AND r.failed_at IS NULL;

-- put: somebody is to be called for this, unless somebody was
INSERT INTO case_alert (id, case_id, cause, mark, rule, due_at, raised_at, next_at)
VALUES (%(id)s, %(case_id)s, %(cause)s, %(mark)s, %(rule)s, %(due_at)s, %(now)s, %(now)s)
ON CONFLICT (case_id, cause, mark) DO NOTHING;

-- close_decided: somebody has done something with the case since
UPDATE case_alert AS a SET closed_at = %(now)s, next_at = NULL, answered_by = d.decided_by
FROM (
    SELECT DISTINCT ON (o.id) o.id, c.decided_by FROM case_alert AS o
    JOIN case_decision AS c ON c.case_id = o.case_id AND c.decided_at > o.raised_at
    WHERE o.closed_at IS NULL ORDER BY o.id, c.number
) AS d WHERE a.id = d.id AND a.closed_at IS NULL;

-- close_ended: the case has ended
UPDATE case_alert AS a SET closed_at = f.ended_at, next_at = NULL
FROM case_file AS f WHERE f.id = a.case_id AND f.ended_at IS NOT NULL AND a.closed_at IS NULL;

-- close_told: nothing is left for which somebody was called, as the last receipt came
UPDATE case_alert AS a SET closed_at = %(now)s, next_at = NULL
WHERE a.closed_at IS NULL AND a.cause = 'not_told' AND NOT EXISTS (
    SELECT FROM notice_recipient AS r
    WHERE r.notice_id::text = a.mark AND r.ordered_at IS NOT NULL AND r.told_at IS NULL AND r.failed_at IS NULL
);

-- came: whoever was called looks at a case; so they have got the message, whatever else it was about
UPDATE case_alert SET closed_at = %(now)s, next_at = NULL, answered_by = %(person)s
WHERE closed_at IS NULL AND id IN (
    SELECT m.alert_id FROM alert_message AS m JOIN case_alert AS a ON a.id = m.alert_id
    WHERE a.case_id = %(case_id)s AND m.person = %(person)s
    UNION
    SELECT o.alert_id FROM case_alert AS a JOIN alert_message AS m ON m.alert_id = a.id
    JOIN alert_message AS o ON o.message_id = m.message_id
    WHERE a.case_id = %(case_id)s AND m.person = %(person)s
);

-- due: what somebody is called for now, held until the end of the transaction
SELECT a.id, a.case_id, f.kind, f.owner, a.rung,
       ARRAY(SELECT DISTINCT m.person FROM alert_message AS m WHERE m.alert_id = a.id ORDER BY 1) AS called
FROM case_alert AS a JOIN case_file AS f ON f.id = a.case_id
WHERE a.next_at IS NOT NULL AND NOT is_leased(a.next_at, %(now)s, %(longest)s)
ORDER BY a.next_at, a.id LIMIT %(limit)s FOR UPDATE OF a SKIP LOCKED;

-- climb: the rung that is called next, and when
UPDATE case_alert SET rung = %(rung)s, next_at = %(next_at)s WHERE id = %(id)s;

-- queue: a person is to be called
INSERT INTO alert_message (alert_id, rung, person, queued_at) VALUES (%(alert_id)s, %(rung)s, %(person)s, %(now)s)
ON CONFLICT DO NOTHING;

-- persons_waiting: whom messages wait for that were sent none of late
SELECT DISTINCT m.person FROM alert_message AS m JOIN case_alert AS a ON a.id = m.alert_id
WHERE m.message_id IS NULL AND a.closed_at IS NULL
  AND NOT EXISTS (SELECT FROM alert_message AS s WHERE s.person = m.person AND s.sent_at BETWEEN %(since)s AND %(now)s)
ORDER BY m.person LIMIT %(limit)s;

-- one_by_one: nobody else calls this person until the end of the transaction
SELECT pg_advisory_xact_lock(hashtext('duty_alert ' || %(person)s));

-- waiting: what a person is to be called for
SELECT m.alert_id, a.case_id, f.kind, a.cause, a.rule, a.due_at, m.rung
FROM alert_message AS m JOIN case_alert AS a ON a.id = m.alert_id JOIN case_file AS f ON f.id = a.case_id
WHERE m.person = %(person)s AND m.message_id IS NULL AND a.closed_at IS NULL;

-- send: what waited for a person has left in one message
UPDATE alert_message AS m SET message_id = %(message_id)s, sent_at = %(now)s
FROM case_alert AS a
WHERE a.id = m.alert_id AND a.closed_at IS NULL AND m.person = %(person)s AND m.message_id IS NULL;

-- delivered: a message has arrived; the first word of it counts
UPDATE alert_message SET delivered_at = least(delivered_at, %(at)s) WHERE message_id = %(message_id)s;

-- failed: no way has brought a message to whoever it is for
UPDATE alert_message SET failed_at = %(now)s, reason = %(reason)s
WHERE message_id = %(message_id)s AND failed_at IS NULL;

-- call_another: whoever is next is called now for what a message was about, where nobody else of its rung was reached
UPDATE case_alert AS a SET next_at = %(now)s
WHERE a.closed_at IS NULL AND a.next_at > %(now)s
  AND a.id IN (SELECT m.alert_id FROM alert_message AS m WHERE m.message_id = %(message_id)s)
  AND NOT EXISTS (
      SELECT FROM alert_message AS o WHERE o.alert_id = a.id AND o.failed_at IS NULL AND o.rung = (
          SELECT max(n.rung) FROM alert_message AS n WHERE n.alert_id = a.id
      )
  );

-- call_again: everybody is called once more for what a message was about, where it was the last and nobody got one
UPDATE case_alert AS a SET next_at = %(at)s
WHERE a.closed_at IS NULL AND a.next_at IS NULL AND a.raised_at > %(since)s
  AND a.id IN (SELECT m.alert_id FROM alert_message AS m WHERE m.message_id = %(message_id)s)
  AND NOT EXISTS (
      SELECT FROM alert_message AS o WHERE o.alert_id = a.id AND o.failed_at IS NULL AND o.rung = (
          SELECT max(n.rung) FROM alert_message AS n WHERE n.alert_id = a.id
      )
  );

-- of_case: what somebody was called to a case for, the newest first
SELECT id, cause, rule, due_at, raised_at, next_at, closed_at, answered_by FROM case_alert
WHERE case_id = %(case_id)s ORDER BY raised_at DESC, id DESC LIMIT %(limit)s;

-- persons_of: who was called for these
SELECT alert_id, person, sent_at, delivered_at, failed_at, reason FROM alert_message
WHERE alert_id = ANY(%(ids)s) ORDER BY queued_at, person;

-- unanswered: what everybody was called for and nobody came to, and since when the oldest
SELECT count(*) AS count, min(raised_at) AS since FROM case_alert
WHERE closed_at IS NULL AND rung > %(last)s;

-- unsent: what nobody was called for yet although it was time, and since when the oldest
SELECT count(*) AS count, min(a.raised_at) AS since FROM case_alert AS a
WHERE a.closed_at IS NULL AND a.raised_at < %(before)s
  AND NOT EXISTS (SELECT FROM alert_message AS m WHERE m.alert_id = a.id AND m.sent_at IS NOT NULL);
