-- Records. Every query has a name and a sentence.

-- lock_all: keep everybody else from changing a record until the transaction ends; reading goes on
LOCK TABLE register_record IN SHARE ROW EXCLUSIVE MODE;

-- add: keep a new record
INSERT INTO register_record (id, kind, kind_version, account_id, key)
VALUES (%(id)s, %(kind)s, %(kind_version)s, %(account_id)s, %(key)s);

-- save_key: what tells a record from others of its kind
UPDATE register_record SET key = %(key)s WHERE id = %(id)s;

-- add_revision: how a record stands from now on
INSERT INTO register_revision (record_id, number, state, valid_from, valid_to, review_on, content, evidence_sha256,
                               evidence_on, recorded_at, recorded_by, requested_by, approved_by, approval_id, reason)
VALUES (%(record_id)s, %(number)s, %(state)s, %(valid_from)s, %(valid_to)s, %(review_on)s, %(content)s::jsonb,
        %(evidence_sha256)s, %(evidence_on)s, %(recorded_at)s, %(recorded_by)s, %(requested_by)s, %(approved_by)s,
        %(approval_id)s, %(reason)s);

-- add_person: somebody of a customer whom a revision names
INSERT INTO register_person (record_id, number, field, account_id, user_id)
VALUES (%(record_id)s, %(number)s, %(field)s, %(account_id)s, %(user_id)s);

-- get: one record
SELECT id, kind, kind_version, account_id, key FROM register_record WHERE id = %(id)s;

-- revisions: how each of these records stood, its first revision first
SELECT record_id, number, state, valid_from, valid_to, review_on, content, evidence_sha256, evidence_on, recorded_at,
       recorded_by, requested_by, approved_by, approval_id, reason
FROM register_revision WHERE record_id = ANY(%(ids)s::uuid[]) ORDER BY record_id, number;

-- people: whom the revisions of these records name
SELECT record_id, number, field, user_id FROM register_person
WHERE record_id = ANY(%(ids)s::uuid[]) ORDER BY record_id, number, field, user_id;

-- counting_beside: the other records of a kind and key that are in force, or that end only after that day
SELECT r.id, r.kind, r.kind_version, r.account_id, r.key FROM register_record AS r
CROSS JOIN LATERAL (
    SELECT state, valid_from, valid_to FROM register_revision WHERE record_id = r.id ORDER BY number DESC LIMIT 1
) AS last
WHERE r.kind = %(kind)s AND r.key = %(key)s AND r.id <> %(id)s
  AND (last.state = 'in_force'
       OR (last.state = 'ended' AND last.valid_to > greatest(%(after)s, last.valid_from)));

-- listed: a page of the records that were written down until then, the newest first
SELECT r.id, r.kind, r.kind_version, r.account_id, r.key FROM register_record AS r
CROSS JOIN LATERAL (
    SELECT recorded_at FROM register_revision WHERE record_id = r.id AND number = 1
) AS first
WHERE (%(kind)s::text IS NULL OR r.kind = %(kind)s) AND (%(account_id)s::uuid IS NULL OR r.account_id = %(account_id)s)
  AND first.recorded_at <= %(recorded_at)s
  AND (%(after_at)s::timestamptz IS NULL
       OR (first.recorded_at, r.id) < (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY first.recorded_at DESC, r.id DESC LIMIT %(limit)s;

-- of_accounts: records of a kind, of these companies or of all, in order of their ids
SELECT id, kind, kind_version, account_id, key FROM register_record
WHERE kind = %(kind)s AND (cardinality(%(account_ids)s::uuid[]) = 0 OR account_id = ANY(%(account_ids)s::uuid[]))
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- counting_from: the content of records in force that count on that day or later, by their first day
SELECT last.content FROM register_record AS r
CROSS JOIN LATERAL (
    SELECT state, valid_from, valid_to, content FROM register_revision WHERE record_id = r.id ORDER BY number DESC LIMIT 1
) AS last
WHERE r.kind = %(kind)s AND last.state = 'in_force' AND (last.valid_to IS NULL OR last.valid_to > %(day)s)
ORDER BY last.valid_from, r.id LIMIT %(limit)s;

-- overdue: records in force that should have been reviewed before today, and since when the first
SELECT count(*) AS count, min(last.review_on)::timestamptz AS since FROM register_record AS r
CROSS JOIN LATERAL (
    SELECT state, valid_from, valid_to, review_on FROM register_revision
    WHERE record_id = r.id ORDER BY number DESC LIMIT 1
) AS last
WHERE last.state = 'in_force' AND last.review_on < %(today)s AND last.valid_from <= %(today)s
  AND (last.valid_to IS NULL OR last.valid_to > %(today)s);

-- waiting: records that wait for an approval, and since when the first
SELECT count(*) AS count, min(last.recorded_at) AS since FROM register_record AS r
CROSS JOIN LATERAL (
    SELECT state, recorded_at FROM register_revision WHERE record_id = r.id ORDER BY number DESC LIMIT 1
) AS last
WHERE last.state = 'submitted';

-- forget: records of a kind that ended before then, and drafts that were last touched before then, a batch
DELETE FROM register_record WHERE id IN (
    SELECT r.id FROM register_record AS r
    CROSS JOIN LATERAL (
        SELECT state, valid_to, recorded_at FROM register_revision WHERE record_id = r.id ORDER BY number DESC LIMIT 1
    ) AS last
    WHERE r.kind = %(kind)s AND NOT is_kept(r.account_id, NULL, 'registers')
      AND (last.valid_to < %(before)s OR (last.state IN ('draft', 'submitted') AND last.recorded_at < %(before)s))
    LIMIT %(limit)s
);
