-- Who pays for deviations. Every query has a name and a sentence.

-- decide: who pays
INSERT INTO case_cost (id, case_id, account_id, customer_erased, bearer, reason, evidence_sha256, decided_by, decided_at, approved_by,
                       approval_id)
VALUES (%(id)s, %(case_id)s, %(account_id)s, %(customer_erased)s, %(bearer)s, %(reason)s, %(evidence_sha256)s, %(decided_by)s, %(decided_at)s,
        %(approved_by)s, %(approval_id)s)
ON CONFLICT DO NOTHING;

-- get: one decision
SELECT 1 AS found FROM case_cost WHERE id = %(id)s;

-- of_case: what was decided in a case, the newest first
SELECT id, case_id, account_id, customer_erased, bearer, reason, evidence_sha256, decided_by, decided_at, approved_by, approval_id
FROM case_cost WHERE case_id = %(case_id)s ORDER BY decided_at DESC, id DESC LIMIT %(limit)s;

-- is_about: whether a case names a customer
SELECT 1 AS found FROM case_subject WHERE case_id = %(case_id)s AND account_id = %(account_id)s LIMIT 1;
