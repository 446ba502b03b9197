-- What audit hands out for copies. Every query has a name and a sentence.

-- logins: log-ins of one user
SELECT attempt_id::text AS place, attempt_id, account_id, user_id, occurred_at, outcome, reason, country, latitude, longitude,
       ip_sealed, user_agent_sealed, expires_on
FROM login_event
WHERE account_id = %(account_id)s AND user_id = %(user_id)s::uuid
  AND (%(after)s::uuid IS NULL OR attempt_id > %(after)s)
ORDER BY attempt_id LIMIT %(limit)s;

-- trail: what the trail says of one user, and who did it; of a hold neither why nor for whose case
SELECT t.seq::text AS place, t.occurred_at, t.type, t.source, t.field_names,
       CASE WHEN t.actor = 'user:' || me.ref THEN 'you' WHEN t.actor LIKE 'user:%%' THEN 'another_user'
            WHEN t.actor LIKE 'staff:%%' THEN 'vendor' ELSE 'program' END AS done_by,
       CASE WHEN t.type LIKE 'hold.%%' THEN NULL ELSE (t.facts::jsonb - 'seen')::text END AS facts
FROM subject_link AS me JOIN trail AS t ON t.user_ref = me.ref
WHERE me.kind = 'user' AND me.id = %(user_id)s::text AND me.account_id = %(account_id)s
  AND (%(after)s::bigint IS NULL OR t.seq > %(after)s::bigint)
ORDER BY t.seq LIMIT %(limit)s;

-- own_acts: what one user did in the company, to whomever; who else it was is not told
SELECT t.seq::text AS place, t.occurred_at, t.type, t.source, t.field_names,
       CASE WHEN t.user_ref = me.ref THEN 'you' WHEN t.user_ref IS NULL THEN 'company' ELSE 'another_user' END AS done_to
FROM subject_link AS me
JOIN subject_link AS company ON company.kind = 'account' AND company.id = %(account_id)s::text
JOIN trail AS t ON t.account_ref = company.ref AND t.actor = 'user:' || me.ref
WHERE me.kind = 'user' AND me.id = %(user_id)s::text AND me.account_id = %(account_id)s
  AND (%(after)s::bigint IS NULL OR t.seq > %(after)s::bigint)
ORDER BY t.seq LIMIT %(limit)s;

-- company_trail: what the trail says of the company itself, and of nobody who works there
SELECT t.seq::text AS place, t.occurred_at, t.type, t.source, t.field_names,
       CASE WHEN t.actor LIKE 'user:%%' THEN 'user' WHEN t.actor LIKE 'staff:%%' THEN 'vendor' ELSE 'program' END AS done_by
FROM subject_link AS company JOIN trail AS t ON t.account_ref = company.ref
WHERE company.kind = 'account' AND company.id = %(account_id)s::text AND t.user_ref IS NULL
  AND %(user_id)s::uuid IS NULL AND (%(after)s::bigint IS NULL OR t.seq > %(after)s::bigint)
ORDER BY t.seq LIMIT %(limit)s;

-- company_copies: on which days somebody else fetched a copy of the company since this user was there
SELECT day AS place, day, 'owner' AS shown_to, count(*) AS copies FROM (
    SELECT (t.occurred_at AT TIME ZONE 'Europe/Oslo')::date::text AS day
    FROM subject_link AS me
    JOIN subject_link AS company ON company.kind = 'account' AND company.id = %(account_id)s::text
    JOIN trail AS t ON t.account_ref = company.ref AND t.type = 'export.company_opened' AND t.actor <> 'user:' || me.ref
    WHERE me.kind = 'user' AND me.id = %(user_id)s::text AND me.account_id = %(account_id)s
      AND t.seq > (SELECT min(seq) FROM trail WHERE user_ref = me.ref)
) AS fetched
WHERE %(after)s::text IS NULL OR day > %(after)s::text
GROUP BY day ORDER BY place LIMIT %(limit)s;

-- reads: on which days and what for staff looked at one user, or at anybody of the company; not who of the staff
-- A look of which it was not told whom it showed counts for everybody.
SELECT day || '|' || purpose AS place, day, purpose, count(*) AS looks FROM (
    SELECT (occurred_at AT TIME ZONE 'Europe/Oslo')::date::text AS day, facts->>'purpose' AS purpose
    FROM trail
    WHERE account_ref = (SELECT ref FROM subject_link WHERE kind = 'account' AND id = %(account_id)s::text)
      AND type = 'staff.personal_data_read'
      AND (%(user_id)s::uuid IS NULL
           OR coalesce((facts->>'persons')::integer > coalesce(json_array_length(facts->'seen'), 0), true)
           OR EXISTS (SELECT FROM json_array_elements_text(facts->'seen') AS one (ref), subject_link AS link
                      WHERE link.kind = 'user' AND link.id = %(user_id)s::text AND link.ref = one.ref::uuid))
) AS looked
WHERE %(after)s::text IS NULL OR (day || '|' || purpose) > %(after)s::text
GROUP BY day, purpose ORDER BY place LIMIT %(limit)s;

-- disclosures: on which days, what for and to whom log-ins of one user were shown
SELECT day || '|' || purpose || '|' || shown_to AS place, day, purpose, shown_to, count(*) AS disclosures FROM (
    SELECT (occurred_at AT TIME ZONE 'Europe/Oslo')::date::text AS day, coalesce(facts->>'purpose', '') AS purpose,
           CASE WHEN actor LIKE 'staff:%%' THEN 'staff' WHEN actor = 'user:' || (
               SELECT ref FROM subject_link WHERE kind = 'user' AND id = %(user_id)s::text AND account_id = %(account_id)s
           )::text THEN 'you' ELSE 'owner' END AS shown_to
    FROM trail
    WHERE account_ref = (SELECT ref FROM subject_link WHERE kind = 'account' AND id = %(account_id)s::text)
      AND type = 'login.disclosed'
      AND EXISTS (SELECT FROM json_array_elements_text(facts->'seen') AS one (ref), subject_link AS link
                  WHERE link.kind = 'user' AND link.id = %(user_id)s::text AND link.ref = one.ref::uuid)
) AS shown
WHERE %(after)s::text IS NULL OR (day || '|' || purpose || '|' || shown_to) > %(after)s::text
GROUP BY day, purpose, shown_to ORDER BY place LIMIT %(limit)s;
