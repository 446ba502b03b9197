-- What registers hands out for copies. Every query has a name and a sentence.

-- named: records of the company that name one user
SELECT p.record_id::text || '|' || lpad(p.number::text, 9, '0') || '|' || p.field AS place,
       r.kind, p.field, p.number, v.state, v.valid_from, v.valid_to, v.recorded_at
FROM register_person AS p
JOIN register_record AS r ON r.id = p.record_id
JOIN register_revision AS v ON v.record_id = p.record_id AND v.number = p.number
WHERE p.account_id = %(account_id)s AND p.user_id = %(user_id)s::uuid
  AND (%(after)s::text IS NULL
       OR p.record_id::text || '|' || lpad(p.number::text, 9, '0') || '|' || p.field > %(after)s::text)
ORDER BY place LIMIT %(limit)s;

-- records: records about the company, each as it stood; who of the staff wrote them is not told
SELECT r.id::text || '|' || lpad(v.number::text, 9, '0') AS place, r.kind, v.number, v.state, v.valid_from, v.valid_to,
       v.review_on, v.content::text AS content, v.reason, v.evidence_sha256, v.evidence_on, v.recorded_at
FROM register_record AS r JOIN register_revision AS v ON v.record_id = r.id
WHERE r.account_id = %(account_id)s AND %(user_id)s::uuid IS NULL
  AND (%(after)s::text IS NULL OR r.id::text || '|' || lpad(v.number::text, 9, '0') > %(after)s::text)
ORDER BY place LIMIT %(limit)s;
