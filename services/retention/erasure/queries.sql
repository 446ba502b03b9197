-- Erasures, what was answered to them, and who came back. Every query has a name and a sentence.

-- insert: a new erasure, scheduled
INSERT INTO erasure (id, account_id, user_id, trigger, started_at, started_on, due_on, noticed_on, inactive_on,
                     calendar_version, state, entered_at, remind_on, reminded_on, released, certificate_id, backups_expire_on, letter_done, participants, attempt,
                     ordered_at, key_fingerprints, destroyed_at, cancellation, cleared, next_at, held, held_by,
                     kept_back, resumed_on, completes, begun_at)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(trigger)s, %(started_at)s, %(started_on)s, %(due_on)s,
        %(noticed_on)s, %(inactive_on)s, %(calendar_version)s, %(state)s, %(entered_at)s, %(remind_on)s, %(reminded_on)s, %(released)s, %(certificate_id)s, %(backups_expire_on)s,
        %(letter_done)s, %(participants)s, %(attempt)s, %(ordered_at)s, %(key_fingerprints)s, %(destroyed_at)s,
        %(cancellation)s, %(cleared)s, %(next_at)s, %(held)s, %(held_by)s, %(kept_back)s, %(resumed_on)s,
        %(completes)s, %(begun_at)s);

-- update: an erasure as it is after a decision, unless it has changed since it was read
UPDATE erasure SET state = %(state)s, entered_at = %(entered_at)s, remind_on = %(remind_on)s,
    reminded_on = %(reminded_on)s, released = %(released)s, certificate_id = %(certificate_id)s,
    backups_expire_on = %(backups_expire_on)s, letter_done = %(letter_done)s, participants = %(participants)s,
    attempt = %(attempt)s, ordered_at = %(ordered_at)s, key_fingerprints = %(key_fingerprints)s,
    destroyed_at = %(destroyed_at)s, cancellation = %(cancellation)s, cleared = %(cleared)s, next_at = %(next_at)s,
    held = %(held)s, held_by = %(held_by)s, kept_back = %(kept_back)s, resumed_on = %(resumed_on)s,
    completes = %(completes)s, begun_at = %(begun_at)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s;

-- get: one erasure
SELECT * FROM erasure WHERE id = %(id)s;

-- get_locked: one erasure, held until the end of the transaction
SELECT * FROM erasure WHERE id = %(id)s FOR UPDATE;

-- of_scope: those of the account itself, and of this user where one is named, held; the account's first, so that
-- whoever holds them has the last word over all clocks of the account
SELECT * FROM erasure WHERE account_id = %(account_id)s AND (user_id IS NULL OR user_id = %(user_id)s)
ORDER BY user_id NULLS FIRST, started_at, id LIMIT 2000 FOR UPDATE;

-- running_of_users: the clocks of an account's users that can still be called off, held
SELECT * FROM erasure WHERE account_id = %(account_id)s AND user_id IS NOT NULL
    AND state IN ('scheduled', 'halted', 'announced')
ORDER BY user_id, started_at, id LIMIT 20000 FOR UPDATE;

-- shown_of_account: every erasure of an account and its users, oldest first; one that completes another, or takes the
-- place of a clock at an early request, began with it
SELECT * FROM erasure WHERE account_id = %(account_id)s
ORDER BY started_at, completes IS NOT NULL, trigger = 'early_request', id LIMIT 2000;

-- answers: the latest word of each participant of some erasures
SELECT erasure_id, participant, outcome, counts, retained FROM answer WHERE erasure_id = ANY(%(ids)s::uuid[]);

-- take_over: what erasures of single users kept is the business of that of their account
UPDATE erasure SET followed_up = true, version = version + 1
WHERE account_id = %(account_id)s AND user_id IS NOT NULL AND state = 'certified' AND kept_back AND NOT followed_up;

-- followed_up: what the erasure with this certificate kept has been erased by another one since
UPDATE erasure SET followed_up = true, version = version + 1
WHERE certificate_id = %(certificate_id)s AND state = 'certified' AND NOT followed_up;

-- keep_return: an account or user came back; the latest time counts
INSERT INTO came_back (account_id, user_id, at) VALUES (%(account_id)s, %(user_id)s, %(at)s)
ON CONFLICT (account_id, coalesce(user_id, '00000000-0000-0000-0000-000000000000')) DO UPDATE
SET at = GREATEST(came_back.at, EXCLUDED.at);

-- last_return: when an account or user came back last
SELECT at FROM came_back WHERE account_id = %(account_id)s AND user_id IS NOT DISTINCT FROM %(user_id)s;

-- anything: whether anything was ever to be erased
(SELECT 1 FROM erasure LIMIT 1) UNION ALL (SELECT 1 FROM certificate LIMIT 1) LIMIT 1;
