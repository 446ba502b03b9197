-- Requests for an early erasure. Every query has a name and a sentence.

-- insert: a request that was checked and approved; one that waits is enough
INSERT INTO early_request (id, account_id, user_id, requester_role, evidence, received_on, identity_check, authority_check,
                           checked_by, approved_by, actor, export_offered_on, registered_at, without_notice, course,
                           next_at)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(requester_role)s, %(evidence)s, %(received_on)s, %(identity_check)s,
        %(authority_check)s, %(checked_by)s, %(approved_by)s, %(actor)s, %(export_offered_on)s, %(registered_at)s,
        %(without_notice)s, 'accepted', %(registered_at)s)
ON CONFLICT DO NOTHING;

-- find: one request
SELECT * FROM early_request WHERE id = %(id)s;

-- is_waiting: whether a request of the account, or of this user of it, has been accepted and not carried out
SELECT 1 FROM early_request WHERE account_id = %(account_id)s AND (user_id IS NULL OR user_id = %(user_id)s)
    AND course = 'accepted' LIMIT 1;

-- waiting_of: the request of just this that has been accepted and not carried out, held; an index allows one
SELECT * FROM early_request WHERE account_id = %(account_id)s AND user_id IS NOT DISTINCT FROM %(user_id)s
    AND course = 'accepted' FOR UPDATE;

-- of_account: a page of the requests of an account and of its users, newest first
SELECT * FROM early_request
WHERE account_id = %(account_id)s
  AND (%(after_at)s::timestamptz IS NULL OR (registered_at, id) < (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY registered_at DESC, id DESC LIMIT %(limit)s;

-- claim: accepted requests to be carried out; nobody else takes them until the lease ends
UPDATE early_request SET next_at = %(lease_until)s
WHERE id IN (
    SELECT id FROM early_request WHERE course = 'accepted' AND is_due(next_at, %(now)s, %(due)s)
    ORDER BY next_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- put_off: try again then
UPDATE early_request SET next_at = %(next_at)s WHERE id = %(id)s AND course = 'accepted';

-- settle: carried out or dropped
UPDATE early_request SET course = %(course)s, erasure_id = %(erasure_id)s, next_at = NULL
WHERE id = %(id)s AND course = 'accepted';

-- purge: requests nobody can have a claim about any more
DELETE FROM early_request WHERE id IN (
    SELECT id FROM early_request WHERE course <> 'accepted' AND registered_at < %(before)s LIMIT %(limit)s
);

-- stuck: requests accepted before then that have not been carried out
SELECT count(*) AS count, min(registered_at) AS since FROM early_request
WHERE course = 'accepted' AND registered_at < %(before)s;
