-- What retention hands out for copies. Every query has a name and a sentence.

-- erasures: what is planned to be erased, of the company or of one user; of the company's a user gets to know the day alone
SELECT id::text AS place, user_id IS NULL AS of_company, due_on, state,
       CASE WHEN user_id IS NOT DISTINCT FROM %(user_id)s::uuid THEN trigger END AS trigger,
       CASE WHEN user_id IS NOT DISTINCT FROM %(user_id)s::uuid THEN started_on END AS started_on,
       CASE WHEN user_id IS NOT DISTINCT FROM %(user_id)s::uuid THEN cancellation END AS cancellation
FROM erasure
WHERE account_id = %(account_id)s AND (user_id IS NULL OR user_id = %(user_id)s::uuid)
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- holds: what of the company must be kept for a dispute, or of one user; why is told in the copy of the company alone
SELECT id::text AS place, user_ids = '{}' AS of_company, categories, starts_on, review_on, released_at,
       CASE WHEN %(user_id)s::uuid IS NULL THEN reason END AS reason,
       CASE WHEN %(user_id)s::uuid IS NULL THEN release_reason END AS release_reason
FROM hold
WHERE account_id = %(account_id)s
  AND (user_ids = '{}' OR %(user_id)s::uuid = ANY (user_ids)) AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- restrictions: restrictions that one user asked for, or the company; of the company's a user gets to know since when
SELECT id::text AS place, user_id IS NULL AS of_company, set_at, lifted_at,
       CASE WHEN user_id IS NOT DISTINCT FROM %(user_id)s::uuid THEN ground END AS ground,
       CASE WHEN user_id IS NOT DISTINCT FROM %(user_id)s::uuid THEN requested_on END AS requested_on,
       CASE WHEN user_id IS NOT DISTINCT FROM %(user_id)s::uuid THEN announced_at END AS announced_at,
       CASE WHEN user_id IS NOT DISTINCT FROM %(user_id)s::uuid THEN told_at END AS told_at
FROM restriction
WHERE account_id = %(account_id)s
  AND (CASE WHEN %(user_id)s::uuid IS NULL THEN user_id IS NULL ELSE user_id IS NULL OR user_id = %(user_id)s END)
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- early_requests: written requests of the company, or of one user, not to wait for the date of an erasure
SELECT id::text AS place, requester_role, evidence, received_on, export_offered_on, registered_at,
       identity_check, authority_check, without_notice, course
FROM early_request
WHERE account_id = %(account_id)s AND user_id IS NOT DISTINCT FROM %(user_id)s::uuid
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;
