-- What users did of late.

-- acts_of_the_busy: what users did since an instant, of those who did much, the newest of each; that one saw their own log-ins is no act
WITH act AS MATERIALIZED (
    SELECT actor, type, subject, occurred_at,
           sum(CASE WHEN type = ANY(%(heavy)s) THEN %(weight)s ELSE 1 END) OVER (PARTITION BY actor) AS number,
           row_number() OVER (PARTITION BY actor ORDER BY occurred_at DESC) AS place
    FROM trail
    WHERE actor LIKE 'user:%%' AND actor ~ '^user:[0-9a-f-]{36}$' AND type = ANY(%(types)s)
      AND occurred_at > %(since)s
      AND NOT (type = 'login.disclosed' AND facts->>'purpose' = 'own_access')
)
SELECT link.id::uuid AS user_id, link.account_id, act.type, act.subject, act.occurred_at
FROM act JOIN subject_link AS link ON link.kind = 'user' AND link.ref = substr(act.actor, 6)::uuid
WHERE act.number >= %(least)s AND act.place <= %(most)s
ORDER BY link.id, act.occurred_at DESC;
