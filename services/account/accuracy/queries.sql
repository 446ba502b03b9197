-- Asking whether data are right. Every query has a name and a sentence.

-- ask: active companies that are to be asked by now, a batch of them, and why; from now on they are asked
WITH due AS (
    SELECT id, accuracy_confirmed_at IS NULL AND contact_address_sealed IS NULL AND billing_address_sealed IS NULL AS lacks_address
    FROM account AS a
    WHERE state = 'active' AND blocked_at IS NULL AND NOT is_kept(id, NULL, 'company')
      AND NOT EXISTS (SELECT 1 FROM notice AS n WHERE n.account_id = a.id)
      AND is_asked_by(a, %(by)s, %(now)s, %(review)s, %(first_address)s, %(repeat)s)
    ORDER BY created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE account AS a SET accuracy_asked_at = %(now)s FROM due WHERE a.id = due.id
RETURNING a.id, a.version, due.lacks_address;

-- unasked: companies that should have been asked by then and were not
SELECT count(*) AS count, min(created_at) AS since FROM account AS a
WHERE state = 'active' AND blocked_at IS NULL AND NOT is_kept(id, NULL, 'company')
  AND NOT EXISTS (SELECT 1 FROM notice AS n WHERE n.account_id = a.id)
  AND is_asked_by(a, %(by)s, %(now)s, %(review)s, %(first_address)s, %(repeat)s);

-- confirm: an owner says that all is right
UPDATE account SET accuracy_confirmed_at = %(now)s, version = version + 1 WHERE id = %(id)s;
