-- What persons have written about. Every query has a name and a sentence.

-- own: what one person has written about, the newest first, or one of it; why each stands so, and whether that was told
SELECT f.id AS case_id, f.reference, f.kind, f.signal AS about, f.state, d.reason, f.received_at, f.ended_at,
       c.internal_due, l.sent_at AS letter_left_at
FROM case_subject AS s
JOIN case_file AS f ON f.id = s.case_id AND f.opened_at = s.added_at AND f.kind = ANY(%(kinds)s)
JOIN case_clock AS c ON c.case_id = f.id AND c.rule = ANY(%(clocks)s) AND c.round = 1
LEFT JOIN LATERAL (
    SELECT id, reason FROM case_decision WHERE case_id = f.id ORDER BY number DESC LIMIT 1
) AS d ON true
LEFT JOIN LATERAL (
    SELECT min(sent_at) AS sent_at FROM requester_letter WHERE decision_id = d.id
) AS l ON true
WHERE s.account_id = %(account_id)s AND s.user_id = %(user_id)s
  AND (%(case_id)s::uuid IS NULL OR f.id = %(case_id)s)
ORDER BY f.received_at DESC, f.id DESC LIMIT %(limit)s;
