-- Letters to whoever made a request. Every query has a name and a sentence.

-- opened_for: whom the case was about as it was opened: the user who asked with the company, or a company alone
SELECT s.account_id, s.user_id FROM case_subject AS s JOIN case_file AS f ON f.id = s.case_id
WHERE s.case_id = %(case_id)s AND s.added_at = f.opened_at
ORDER BY s.user_id NULLS LAST LIMIT 1;

-- own: the requests of one person, the newest first, or one of them; why each stands so, and whether that was told
SELECT f.id AS case_id, f.reference, f.signal AS "right",
       CASE f.kind WHEN 'forwarded_request' THEN 'content' ELSE 'account' END AS concerns, f.state, d.reason, f.received_at, f.ended_at,
       c.internal_due, c.statutory_due, l.sent_at AS letter_left_at
FROM case_subject AS s
JOIN case_file AS f ON f.id = s.case_id AND f.opened_at = s.added_at AND f.kind IN ('rights_request', 'forwarded_request')
JOIN case_clock AS c ON c.case_id = f.id AND c.rule IN ('dsr.deadline', 'dsr.forward_to_controller') AND c.round = 1
LEFT JOIN LATERAL (
    SELECT id, reason FROM case_decision WHERE case_id = f.id ORDER BY number DESC LIMIT 1
) AS d ON true
LEFT JOIN LATERAL (
    SELECT min(sent_at) AS sent_at FROM requester_letter WHERE decision_id = d.id
) AS l ON true
WHERE s.account_id = %(account_id)s AND s.user_id = %(user_id)s
  AND (%(case_id)s::uuid IS NULL OR f.id = %(case_id)s)
ORDER BY f.received_at DESC, f.id DESC LIMIT %(limit)s;

-- open_of: the open request of a person for the same
SELECT f.id FROM case_subject AS s
JOIN case_file AS f ON f.id = s.case_id AND f.opened_at = s.added_at AND f.kind = %(kind)s
WHERE s.account_id = %(account_id)s AND s.user_id = %(user_id)s AND f.signal = %(right)s AND f.ended_at IS NULL
ORDER BY f.received_at, f.id LIMIT 1;

-- open_without_copy: the open request of a person for the same that no copy of theirs has become
SELECT f.id FROM case_subject AS s
JOIN case_file AS f ON f.id = s.case_id AND f.opened_at = s.added_at AND f.kind = %(kind)s
WHERE s.account_id = %(account_id)s AND s.user_id = %(user_id)s AND f.signal = %(right)s AND f.ended_at IS NULL
  AND NOT EXISTS (SELECT FROM case_intake AS i WHERE i.case_id = f.id AND i.source = 'customer')
ORDER BY f.received_at, f.id LIMIT 1;

-- forwarded: what was passed on to a customer and who of it asked, the newest first
SELECT f.id AS case_id, f.reference, f.signal AS "right", f.state, f.received_at, f.ended_at, s.user_id
FROM case_subject AS s
JOIN case_file AS f ON f.id = s.case_id AND f.opened_at = s.added_at AND f.kind = 'forwarded_request'
WHERE s.account_id = %(account_id)s AND s.user_id IS NOT NULL AND f.state NOT IN ('received', 'withdrawn')
ORDER BY f.received_at DESC, f.id DESC LIMIT %(limit)s;

-- earlier: when a person made requests since an instant, the newest first
SELECT f.opened_at FROM case_subject AS s
JOIN case_file AS f ON f.id = s.case_id AND f.opened_at = s.added_at AND f.kind IN ('rights_request', 'forwarded_request')
WHERE s.account_id = %(account_id)s AND s.user_id = %(user_id)s AND f.opened_by = 'customer'
  AND f.opened_at > %(since)s AND f.opened_at <= %(until)s
ORDER BY f.opened_at DESC LIMIT %(limit)s;

-- add: a letter that is ordered, once
INSERT INTO requester_letter (id, case_id, decision_id, letter, ordered_at)
VALUES (%(id)s, %(case_id)s, %(decision_id)s, %(letter)s, %(now)s) ON CONFLICT (id) DO NOTHING;

-- get: one letter
SELECT case_id, decision_id, letter, sent_at FROM requester_letter WHERE id = %(id)s;

-- mailed: an e-mail was ordered, if none was before
UPDATE requester_letter SET mailed_at = %(now)s WHERE id = %(id)s AND mailed_at IS NULL;

-- was_mailed: whether whoever asked was ever written to by e-mail
SELECT 1 AS found FROM requester_letter WHERE case_id = %(case_id)s AND mailed_at IS NOT NULL LIMIT 1;

-- sent: since when it has left, if nobody knew
UPDATE requester_letter SET sent_at = %(at)s, posted_by = %(posted_by)s WHERE id = %(id)s AND sent_at IS NULL;
