-- Login attempts.

-- lock_account_shared: wait for an erasure of this account to end, and keep one from beginning
SELECT pg_advisory_xact_lock_shared(%(space)s, hashtext(%(account_id)s::text));

-- add_login: keep a login attempt, unless its company or person was erased
INSERT INTO login_event (attempt_id, occurred_at, outcome, reason, account_id, user_id, expires_on, origin_try_at)
SELECT %(attempt_id)s, %(occurred_at)s, %(outcome)s, %(reason)s, %(account_id)s::uuid, %(user_id)s::uuid,
       %(expires_on)s, %(now)s
WHERE NOT EXISTS (SELECT FROM tombstone WHERE id IN (%(account_id)s::uuid, %(user_id)s::uuid))
ON CONFLICT (attempt_id) DO NOTHING;

-- claim_origins: logins whose origin is to be asked for now, put off for as long as asking may take
UPDATE login_event SET origin_tries = origin_tries + 1, origin_try_at = %(lease_until)s
WHERE attempt_id IN (
    SELECT attempt_id FROM login_event WHERE origin = 'pending' AND is_due(origin_try_at, %(now)s, %(due)s)
    ORDER BY origin_try_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING attempt_id, occurred_at, account_id, user_id, origin_tries AS tries;

-- set_origin: keep where a login came from
UPDATE login_event
SET origin = %(state)s, ip_sealed = %(ip_sealed)s, user_agent_sealed = %(user_agent_sealed)s,
    address_index = %(address_index)s, name_index = %(name_index)s, network_index = %(network_index)s,
    device_index = %(device_index)s, country = %(country)s, latitude = %(latitude)s, longitude = %(longitude)s
WHERE attempt_id = %(attempt_id)s AND origin = 'pending';

-- retry_origin: ask again later where a login came from
UPDATE login_event SET origin_try_at = %(try_at)s WHERE attempt_id = %(attempt_id)s AND origin = 'pending';

-- logins: attempts of a company, or of one of its users, in a period, oldest first; a further page goes on after one
SELECT attempt_id, occurred_at, outcome, reason, account_id, user_id, ip_sealed, user_agent_sealed
FROM login_event
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s::uuid)
  AND occurred_at >= %(from_)s AND occurred_at < %(to)s
  AND (%(after)s::uuid IS NULL OR (occurred_at, attempt_id) > (%(from_)s, %(after)s::uuid))
ORDER BY occurred_at, attempt_id LIMIT %(limit)s;

-- logged_in: users who logged in with success in a period, each once, a page
SELECT DISTINCT account_id, user_id FROM login_event
WHERE outcome = 'succeeded' AND user_id IS NOT NULL AND occurred_at >= %(from_)s AND occurred_at <= %(to)s
  AND (account_id, user_id) > (%(after_account)s, %(after_user)s)
ORDER BY account_id, user_id LIMIT %(limit)s;

-- forget_logins: logins whose time is over and that are not held, a batch
DELETE FROM login_event WHERE attempt_id IN (
    SELECT attempt_id FROM login_event
    WHERE expires_on <= %(today)s AND NOT is_kept(account_id, user_id, 'login_events')
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);

-- disclosures_by_day: how often logins of this company were disclosed since then, by day in Oslo, purpose and to whom
-- Where a user is named: what was of this one, and what may have been, for it is not known whose all of them were.
WITH disclosures AS (
    SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, facts->>'purpose' AS purpose, facts->'seen' AS seen,
           CASE WHEN actor LIKE 'staff:%%' THEN 'staff' ELSE 'owner' END AS "to",
           coalesce((facts->>'persons')::integer > coalesce(json_array_length(facts->'seen'), 0), true) AS is_open
    FROM trail
    WHERE account_ref = (SELECT ref FROM subject_link WHERE kind = 'account' AND id = %(account_id)s::text)
      AND type = 'login.disclosed' AND occurred_at >= %(since)s
      AND NOT (facts->>'purpose' = 'own_access' AND actor LIKE 'user:%%')
), named AS (
    SELECT disclosures.day, disclosures.purpose, disclosures."to", link.id::uuid AS user_id
    FROM disclosures, json_array_elements_text(disclosures.seen) AS one (ref), subject_link AS link
    WHERE link.ref = one.ref::uuid AND link.kind = 'user' AND link.account_id = %(account_id)s
      AND (%(user_id)s::uuid IS NULL OR link.id = %(user_id)s::text)
)
SELECT d.day, d.purpose, d."to", count(*) AS disclosures, count(*) FILTER (WHERE d.is_open) AS not_named,
       ARRAY(SELECT DISTINCT user_id FROM named
             WHERE (named.day, named.purpose, named."to") = (d.day, d.purpose, d."to") ORDER BY user_id) AS user_ids
FROM disclosures AS d
WHERE %(user_id)s::uuid IS NULL OR d.is_open OR EXISTS (
    SELECT FROM json_array_elements_text(d.seen) AS one (ref), subject_link AS link
    WHERE link.kind = 'user' AND link.id = %(user_id)s::text AND link.ref = one.ref::uuid
)
GROUP BY 1, 2, 3
ORDER BY 1 DESC, 2, 3;
