-- What cases hands out for copies. Every query has a name and a sentence.

-- cases: cases about one user, or about the company itself; what an employee asked of us is theirs alone
SELECT f.id::text AS place, f.reference, f.kind, f.signal, f.opened_by, f.state, f.received_at, f.ended_at
FROM case_file AS f
WHERE EXISTS (
    SELECT FROM case_subject AS s
    WHERE s.case_id = f.id AND s.account_id = %(account_id)s
      AND (CASE WHEN %(user_id)s::uuid IS NULL THEN s.user_id IS NULL ELSE s.user_id = %(user_id)s END)
) AND (%(after)s::uuid IS NULL OR f.id > %(after)s)
ORDER BY f.id LIMIT %(limit)s;

-- decisions: what was decided in these cases, and when; not by whom
SELECT d.id::text AS place, f.reference, d.step, d.reason, d.from_state, d.to_state, d.decided_at, d.is_late,
       d.late_reason
FROM case_decision AS d JOIN case_file AS f ON f.id = d.case_id
WHERE EXISTS (
    SELECT FROM case_subject AS s
    WHERE s.case_id = f.id AND s.account_id = %(account_id)s
      AND (CASE WHEN %(user_id)s::uuid IS NULL THEN s.user_id IS NULL ELSE s.user_id = %(user_id)s END)
) AND f.kind IN ('rights_request', 'complaint', 'enquiry') AND (%(after)s::uuid IS NULL OR d.id > %(after)s)
ORDER BY d.id LIMIT %(limit)s;

-- notices: what was told of a breach to one user, or to the company; not what has not left
SELECT r.id::text AS place, n.case_id, n.number, n.audience, n.natures, n.causes, n.groups, n.data, n.whereabouts, n.records,
       n.attempts, n.breaches, n.consequences, n.measures, n.advice, n.unknown, n.late_reason, n.decided_at,
       r.ordered_at, r.sent_at, r.told_at, r.failed_at, r.reason
FROM notice_recipient AS r JOIN breach_notice AS n ON n.id = r.notice_id
WHERE r.account_id = %(account_id)s
  AND coalesce(r.sent_at, r.told_at, r.failed_at) IS NOT NULL
  AND (CASE WHEN %(user_id)s::uuid IS NULL THEN r.user_id IS NULL ELSE r.user_id = %(user_id)s END)
  AND (%(after)s::uuid IS NULL OR r.id > %(after)s)
ORDER BY r.id LIMIT %(limit)s;

-- lists: lists of whom a breach may concern
SELECT l.id::text AS place, l.case_id, l.scope, l.as_of, l.window_from, l.window_to, l.computed_at
FROM affected_subject AS s JOIN affected_list AS l ON l.id = s.list_id
WHERE s.account_id = %(account_id)s
  AND (CASE WHEN %(user_id)s::uuid IS NULL THEN s.user_id IS NULL ELSE s.user_id = %(user_id)s END)
  AND (%(after)s::uuid IS NULL OR l.id > %(after)s)
ORDER BY l.id LIMIT %(limit)s;

-- filings: notices to the authority that were sent for the company
SELECT f.id::text AS place, f.case_id, c.scope, c.valid_from, c.valid_to, c.persons, f.notified_at
FROM filing_customer AS c JOIN filing AS f ON f.id = c.filing_id
WHERE c.account_id = %(account_id)s AND %(user_id)s::uuid IS NULL AND (%(after)s::uuid IS NULL OR f.id > %(after)s)
ORDER BY f.id LIMIT %(limit)s;

-- costs: who bears the cost of a case about the company
SELECT id::text AS place, case_id, bearer, reason, evidence_sha256, decided_at FROM case_cost
WHERE account_id = %(account_id)s AND %(user_id)s::uuid IS NULL AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;
