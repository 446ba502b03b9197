-- letters_of_account: a page of the letters of a company, all or those to one user, the newest first
SELECT id AS letter_id, letter, account_id, user_id, state, reason, attempts, requested_at, sent_at, settled_at
FROM letter WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND (%(after_at)s::timestamptz IS NULL OR (requested_at, id) < (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY requested_at DESC, id DESC LIMIT %(limit)s;

-- letter_by_id: one letter
SELECT id AS letter_id, letter, account_id, user_id, state, reason, attempts, requested_at, sent_at, settled_at
FROM letter WHERE id = %(id)s;

-- breach_outcomes: how far the telling of these recipients of notices has come
SELECT recipient_id, state, CASE state WHEN 'told' THEN told_at WHEN 'sent' THEN sent_at ELSE settled_at END AS at,
       CASE state WHEN 'unreachable' THEN coalesce(reason, 'no_recipient') END AS reason
FROM (
    SELECT m.event_id AS recipient_id, m.settled_at, min(l.sent_at) AS sent_at,
           min(l.settled_at) FILTER (WHERE l.state IN ('delivered', 'complained')) AS told_at,
           (array_agg(l.reason ORDER BY l.settled_at DESC NULLS LAST))[1] AS reason,
           CASE WHEN bool_or(l.state IN ('delivered', 'complained')) THEN 'told'
                WHEN bool_or(l.state IN ('sent', 'deferred')) THEN 'sent'
                WHEN m.state <> 'closed' OR bool_or(l.state NOT IN ('abandoned', 'bounced')) THEN 'waiting'
                ELSE 'unreachable' END AS state
    FROM mailing AS m LEFT JOIN letter AS l ON l.mailing_id = m.id
    WHERE m.event_id = ANY(%(recipient_ids)s) AND m.notice_id IS NOT NULL GROUP BY m.id
) AS found;

-- prune_letters: letters whose course ended long ago, unless they may only be stored
DELETE FROM letter
WHERE id IN (
    SELECT id FROM letter WHERE settled_at <= %(before)s AND NOT is_kept(account_id, user_id, 'letters')
    ORDER BY settled_at LIMIT %(limit)s
);

-- prune_mailings: mailings whose course ended long ago, unless they may only be stored
DELETE FROM mailing
WHERE id IN (
    SELECT id FROM mailing WHERE settled_at <= %(before)s AND NOT is_kept(account_id, user_id, 'letters')
    ORDER BY settled_at LIMIT %(limit)s
);

-- prune_tasks: what a person did long ago, unless it may only be stored
DELETE FROM person_task
WHERE id IN (
    SELECT id FROM person_task WHERE done_at <= %(before)s AND NOT is_kept(account_id, user_id, 'letters')
    ORDER BY done_at LIMIT %(limit)s
);

-- prune_suppressions: bounces whose time was over long ago, unless they may only be stored
DELETE FROM suppression
WHERE id IN (
    SELECT id FROM suppression WHERE ends_at <= %(before)s AND NOT is_kept(account_id, user_id, 'objections')
    ORDER BY ends_at LIMIT %(limit)s
);

-- prune_farewells: last letters too old to bounce
DELETE FROM farewell
WHERE letter_id IN (
    SELECT letter_id FROM farewell WHERE kept_until <= %(now)s ORDER BY kept_until LIMIT %(limit)s
);

-- prune_cancelled_clocks: erasures called off long ago
DELETE FROM cancelled_clock
WHERE clock_id IN (
    SELECT clock_id FROM cancelled_clock WHERE cancelled_at <= %(before)s ORDER BY cancelled_at LIMIT %(limit)s
);

-- prune_alarms: alarms seen to long ago
DELETE FROM alarm
WHERE id IN (SELECT id FROM alarm WHERE closed_at <= %(before)s ORDER BY closed_at LIMIT %(limit)s);

-- prune_webhooks: tokens too old to be used again
DELETE FROM webhook
WHERE token IN (SELECT token FROM webhook WHERE received_at <= %(before)s ORDER BY received_at LIMIT %(limit)s);
