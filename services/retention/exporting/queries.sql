-- What retention hands out for copies. Every query has a name and a sentence.

-- erasures: what is planned to be erased, of one user or of the company
SELECT id::text AS place, trigger, started_on, due_on, state, cancellation FROM erasure
WHERE account_id = %(account_id)s AND (user_id IS NULL OR user_id = %(user_id)s::uuid)
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- holds: what of the company must be kept for a dispute, or of one user; not whose case, and not by whom
SELECT id::text AS place, categories, reason, starts_on, review_on, released_at FROM hold
WHERE account_id = %(account_id)s
  AND (user_ids = '{}' OR %(user_id)s::uuid = ANY (user_ids)) AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- restrictions: restrictions that one user asked for, or the company
SELECT id::text AS place, ground, requested_on, set_at, announced_at, told_at, lifted_at FROM restriction
WHERE account_id = %(account_id)s
  AND (CASE WHEN %(user_id)s::uuid IS NULL THEN user_id IS NULL ELSE user_id IS NULL OR user_id = %(user_id)s END)
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- early_requests: written requests of the company, or of one user, not to wait for the date of an erasure
SELECT id::text AS place, requester_role, evidence, received_on, export_offered_on, registered_at, course
FROM early_request
WHERE account_id = %(account_id)s AND user_id IS NOT DISTINCT FROM %(user_id)s::uuid
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;
