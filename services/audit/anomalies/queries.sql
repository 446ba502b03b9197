-- Log-in attempts as detectors look at them.

-- claim_unwatched: attempts whose origin is settled and that no detector has looked at, oldest first
UPDATE login_event SET watched = true WHERE attempt_id IN (
    SELECT attempt_id FROM login_event WHERE NOT watched AND origin <> 'pending'
    ORDER BY occurred_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING attempt_id, occurred_at, outcome, reason, account_id, user_id, name_index, network_index, device_index,
          country, latitude, longitude;

-- of_network: the newest attempts from a network in a window
SELECT attempt_id, occurred_at, outcome, reason, account_id, user_id, name_index, network_index, device_index,
       country, latitude, longitude
FROM login_event
WHERE network_index = %(network)s AND occurred_at > %(from_)s AND occurred_at <= %(to)s
ORDER BY occurred_at DESC LIMIT %(limit)s;

-- of_user: the newest attempts on one user in a window
SELECT attempt_id, occurred_at, outcome, reason, account_id, user_id, name_index, network_index, device_index,
       country, latitude, longitude
FROM login_event
WHERE user_id = %(user_id)s AND occurred_at > %(from_)s AND occurred_at <= %(to)s
ORDER BY occurred_at DESC LIMIT %(limit)s;

-- of_account: the newest attempts on users of one company in a window
SELECT attempt_id, occurred_at, outcome, reason, account_id, user_id, name_index, network_index, device_index,
       country, latitude, longitude
FROM login_event
WHERE account_id = %(account_id)s AND occurred_at > %(from_)s AND occurred_at <= %(to)s
ORDER BY occurred_at DESC LIMIT %(limit)s;

-- on_nobody: the newest attempts on names that nobody has, in a window
SELECT attempt_id, occurred_at, outcome, reason, account_id, user_id, name_index, network_index, device_index,
       country, latitude, longitude
FROM login_event
WHERE user_id IS NULL AND network_index IS NOT NULL AND occurred_at > %(from_)s AND occurred_at <= %(to)s
ORDER BY occurred_at DESC LIMIT %(limit)s;

-- failing_networks: those of these networks from which an attempt failed in a window
SELECT network FROM unnest(%(networks)s::bytea[]) AS network
WHERE EXISTS (
    SELECT FROM login_event
    WHERE network_index = network AND outcome = 'failed' AND occurred_at > %(from_)s AND occurred_at <= %(to)s
);

-- failing_users: those of these users on whom an attempt failed in a window
SELECT one AS user_id FROM unnest(%(user_ids)s::uuid[]) AS one
WHERE EXISTS (
    SELECT FROM login_event
    WHERE user_id = one AND outcome = 'failed' AND occurred_at > %(from_)s AND occurred_at <= %(to)s
);

-- earlier_by_device: for each of these log-ins, of its user's newest before it the newest, and the newest with its device
SELECT entry.id AS entry_id, earlier.*
FROM unnest(%(ids)s::uuid[], %(user_ids)s::uuid[], %(befores)s::timestamptz[], %(devices)s::bytea[])
     AS entry (id, user_id, before, device)
CROSS JOIN LATERAL (
    (SELECT attempt_id, occurred_at, outcome, reason, account_id, user_id, name_index, network_index, device_index,
            country, latitude, longitude
     FROM login_event
     WHERE user_id = entry.user_id AND occurred_at < entry.before AND outcome = 'succeeded'
       AND network_index IS NOT NULL
     ORDER BY occurred_at DESC LIMIT 1)
    UNION
    (SELECT newest.*
     FROM (
         SELECT attempt_id, occurred_at, outcome, reason, account_id, user_id, name_index, network_index,
                device_index, country, latitude, longitude
         FROM login_event
         WHERE user_id = entry.user_id AND occurred_at < entry.before AND outcome = 'succeeded'
           AND network_index IS NOT NULL
         ORDER BY occurred_at DESC LIMIT %(limit)s
     ) AS newest
     WHERE newest.device_index = entry.device ORDER BY newest.occurred_at DESC LIMIT 1)
) AS earlier
ORDER BY entry.id, earlier.occurred_at DESC;

-- earlier_entries: a user's log-ins before an instant whose network is known, newest first
SELECT attempt_id, occurred_at, outcome, reason, account_id, user_id, name_index, network_index, device_index,
       country, latitude, longitude
FROM login_event
WHERE user_id = %(user_id)s AND occurred_at < %(before)s AND outcome = 'succeeded' AND network_index IS NOT NULL
ORDER BY occurred_at DESC LIMIT %(limit)s;

-- at_home_in: those of these users who logged in from this network before the attack
SELECT DISTINCT user_id FROM login_event
WHERE user_id = ANY(%(user_ids)s) AND network_index = %(network)s AND outcome = 'succeeded'
  AND occurred_at <= %(before)s;

-- known_users: how many users of a company are known by their log-ins
SELECT count(DISTINCT user_id) AS count FROM (
    SELECT user_id FROM login_event WHERE account_id = %(account_id)s AND user_id IS NOT NULL
    ORDER BY occurred_at DESC LIMIT %(limit)s
) AS newest;

-- forget_traces: names, networks and devices of attempts on nobody that are looked at no more, a batch
UPDATE login_event SET name_index = NULL, network_index = NULL, device_index = NULL, country = NULL,
                       latitude = NULL, longitude = NULL
WHERE attempt_id IN (
    SELECT attempt_id FROM login_event
    WHERE user_id IS NULL AND network_index IS NOT NULL AND occurred_at < %(before)s
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);
