-- Passwords, sessions, attempts to log in and their brakes.

-- user_by_address: whose log-in name this is; where nobody has proved the address, the newest sign-up that waits for it
SELECT u.id, u.account_id, u.is_login_name AS proved, c.password_hash
FROM account_user u JOIN account a ON a.id = u.account_id LEFT JOIN credential c ON c.user_id = u.id
WHERE u.email_index = %(email_index)s AND (
    u.is_login_name
    OR (u.email_confirmed_at IS NULL AND u.role = 'owner' AND u.state = 'active' AND a.state = 'active'
        AND c.user_id IS NOT NULL)
)
ORDER BY u.is_login_name DESC, u.created_at DESC, u.id DESC LIMIT 1;

-- user_credential: the digest of a user's address, and of the password to compare with
SELECT u.id, u.account_id, u.email_index, u.is_login_name AS proved, c.password_hash
FROM account_user u LEFT JOIN credential c ON c.user_id = u.id
WHERE u.id = %(id)s;

-- credential: the digest of a user's password, and since when it lets nobody in
SELECT password_hash, changed_at, reset_required_at FROM credential WHERE user_id = %(user_id)s;

-- save_credential: a new password
INSERT INTO credential (user_id, password_hash, changed_at) VALUES (%(user_id)s, %(password_hash)s, %(now)s)
ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at,
                                       reset_required_at = NULL;

-- require_reset: the password lets nobody in until it is set anew
UPDATE credential SET reset_required_at = %(now)s WHERE user_id = %(user_id)s;

-- rehash_credential: the same password under newer parameters, unless it was changed meanwhile
UPDATE credential SET password_hash = %(new_hash)s WHERE user_id = %(user_id)s AND password_hash = %(old_hash)s;

-- insert_session: a new log-in
INSERT INTO session (id, token_hash, user_id, account_id, created_at, seen_at)
VALUES (%(id)s, %(token_hash)s, %(user_id)s, %(account_id)s, %(now)s, %(now)s);

-- trim_sessions: a user's oldest sessions beyond the limit
DELETE FROM session WHERE id IN (
    SELECT id FROM session WHERE user_id = %(user_id)s ORDER BY created_at DESC, id DESC OFFSET %(keep)s
);

-- session: a session by its token's digest, with what decides whether it is open
SELECT s.id, s.user_id, s.account_id, s.created_at, s.seen_at, u.role, u.language,
       u.state AS user_state, CASE WHEN a.blocked_at IS NULL THEN a.state ELSE 'blocked' END AS account_state
FROM session s JOIN account_user u ON u.id = s.user_id JOIN account a ON a.id = s.account_id
WHERE s.token_hash = %(token_hash)s;

-- sessions_after_the_end: log-ins that last although the company or the person is inactive
SELECT count(*) AS count FROM session s
JOIN account_user u ON u.id = s.user_id JOIN account a ON a.id = s.account_id
WHERE a.state = 'inactive' OR u.state = 'inactive';

-- sessions_elsewhere: log-ins to another company than the person's own
SELECT count(*) AS count FROM session s JOIN account_user u ON u.id = s.user_id WHERE u.account_id <> s.account_id;

-- touch_session: it was used
UPDATE session SET seen_at = %(now)s WHERE id = %(id)s;

-- delete_session: log-out
DELETE FROM session WHERE token_hash = %(token_hash)s;

-- insert_attempt: somebody tried to log in
INSERT INTO login_attempt (id, account_id, user_id, at, outcome, ip_sealed, user_agent_sealed, sealed_for_nobody,
                           address_index, network_index, name_index)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(now)s, %(outcome)s, %(ip_sealed)s, %(user_agent_sealed)s,
        %(sealed_for_nobody)s, %(address_index)s, %(network_index)s, %(name_index)s);

-- attempts: the attempts asked for that are still kept
SELECT id, account_id, user_id, at, outcome, ip_sealed, user_agent_sealed, sealed_for_nobody, address_index, network_index,
       name_index
FROM login_attempt WHERE id = ANY(%(ids)s);

-- make_brake: a place for the failures of a log-in name or a network address
INSERT INTO login_brake (key, failed_at, touched_at) VALUES (%(key)s, '{}', %(now)s) ON CONFLICT (key) DO NOTHING;

-- brake_for_update: the recent failures; concurrent attempts wait for each other here
SELECT failed_at FROM login_brake WHERE key = %(key)s FOR UPDATE;

-- own_brake_for_update: the failures of who proved a log-in name from an address, and when that was
SELECT failed_at, proved_at FROM login_brake WHERE key = %(key)s FOR UPDATE;

-- note_proof: a log-in name was proved from an address
INSERT INTO login_brake (key, failed_at, touched_at, proved_at) VALUES (%(key)s, '{}', %(now)s, %(now)s)
ON CONFLICT (key) DO UPDATE SET failed_at = '{}', touched_at = excluded.touched_at, proved_at = excluded.proved_at;

-- set_brake: the failures to remember
UPDATE login_brake SET failed_at = %(failed_at)s, touched_at = %(now)s WHERE key = %(key)s;

-- expire_attempts: log-in attempts older than promised, unless they may only be stored
DELETE FROM login_attempt WHERE id IN (
    SELECT id FROM login_attempt WHERE at < %(before)s AND NOT is_kept(account_id, user_id, 'login_events')
    LIMIT %(limit)s
);

-- expire_brakes: failures nobody counts any more
DELETE FROM login_brake WHERE key IN (SELECT key FROM login_brake WHERE touched_at < %(before)s LIMIT %(limit)s);

-- expire_sessions: sessions that ended
DELETE FROM session WHERE id IN (
    SELECT id FROM session WHERE created_at < %(created_before)s OR seen_at < %(seen_before)s LIMIT %(limit)s
);
