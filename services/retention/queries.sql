-- retention's SQL. Every query has a name and a sentence.

-- insert: a new erasure, scheduled
INSERT INTO erasure (id, account_id, user_id, trigger, started_at, started_on, due_on, noticed_on, inactive_on,
                     calendar_version, state, entered_at, remind_on, reminded_on, released, certificate_id, backups_expire_on, letter_done, participants, attempt,
                     ordered_at, key_fingerprints, destroyed_at, cancellation, cleared, next_at, held, held_by,
                     kept_back, resumed_on, completes)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(trigger)s, %(started_at)s, %(started_on)s, %(due_on)s,
        %(noticed_on)s, %(inactive_on)s, %(calendar_version)s, %(state)s, %(entered_at)s, %(remind_on)s, %(reminded_on)s, %(released)s, %(certificate_id)s, %(backups_expire_on)s,
        %(letter_done)s, %(participants)s, %(attempt)s, %(ordered_at)s, %(key_fingerprints)s, %(destroyed_at)s,
        %(cancellation)s, %(cleared)s, %(next_at)s, %(held)s, %(held_by)s, %(kept_back)s, %(resumed_on)s,
        %(completes)s);

-- update: an erasure as it is after a decision, unless it has changed since it was read
UPDATE erasure SET state = %(state)s, entered_at = %(entered_at)s, remind_on = %(remind_on)s,
    reminded_on = %(reminded_on)s, released = %(released)s, certificate_id = %(certificate_id)s,
    backups_expire_on = %(backups_expire_on)s, letter_done = %(letter_done)s, participants = %(participants)s,
    attempt = %(attempt)s, ordered_at = %(ordered_at)s, key_fingerprints = %(key_fingerprints)s,
    destroyed_at = %(destroyed_at)s, cancellation = %(cancellation)s, cleared = %(cleared)s, next_at = %(next_at)s,
    held = %(held)s, held_by = %(held_by)s, kept_back = %(kept_back)s, resumed_on = %(resumed_on)s,
    completes = %(completes)s, version = version + 1
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

-- in_state: erasures in a state, oldest first
SELECT * FROM erasure WHERE state = %(state)s ORDER BY entered_at, id LIMIT %(limit)s;

-- to_remind: clocks with a reminder to be sent by today; on the due date it is too late for one, and what is held as
-- a whole will not be erased on the day that it would tell
SELECT * FROM erasure WHERE state = 'scheduled' AND remind_on <= %(today)s AND due_on > %(today)s
    AND NOT is_kept(account_id, user_id, NULL)
ORDER BY remind_on, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- due: scheduled erasures whose day has come, that have not passed the brake, and of which not everything is held
SELECT * FROM erasure WHERE state = 'scheduled' AND NOT cleared AND due_on <= %(latest)s
    AND NOT is_kept(account_id, user_id, NULL)
ORDER BY due_on, id LIMIT %(limit)s FOR UPDATE;

-- braked_count: how many wait for a person, or are under way without one having looked
SELECT count(*) AS count FROM (
    (SELECT 1 FROM erasure WHERE state = 'halted' LIMIT %(limit)s)
    UNION ALL
    (SELECT 1 FROM erasure WHERE state NOT IN ('certified', 'cancelled', 'halted') AND cleared AND NOT released
     LIMIT %(limit)s)
) AS braked;

-- one_run: only one replica plans a run at a time
SELECT pg_try_advisory_xact_lock(%(lock)s) AS taken;

-- clear: these passed the brake and may be looked at
UPDATE erasure SET cleared = true, next_at = %(now)s, version = version + 1 WHERE id = ANY(%(ids)s::uuid[]);

-- by_state: how many erasures are not over, by state
SELECT state, count(*) AS count FROM erasure WHERE state NOT IN ('certified', 'cancelled') GROUP BY state;

-- claim: take erasures in progress that have something to be done; looked at again when the lease ends, unless
-- something happens meanwhile, so that one that fails goes to the end of the line
WITH due AS (
    SELECT id FROM erasure
    WHERE state NOT IN ('certified', 'cancelled', 'halted') AND cleared AND is_due(next_at, %(now)s, %(due)s)
      AND NOT is_leased(lease_until, %(now)s, %(lease)s)
    ORDER BY next_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE erasure SET lease_until = %(lease_until)s, next_at = %(lease_until)s FROM due WHERE erasure.id = due.id RETURNING erasure.id;

-- let_go: nobody works on it any more; look again at `next_at`
UPDATE erasure SET lease_until = NULL, next_at = LEAST(%(next_at)s, coalesce(next_at, %(next_at)s))
WHERE id = %(id)s;

-- wait: nobody works on it any more; look again then, unless something has happened meanwhile
UPDATE erasure SET lease_until = NULL, next_at = %(next_at)s WHERE id = %(id)s AND version = %(version)s;

-- unlease: nobody works on it any more; it is to be looked at again at once
UPDATE erasure SET lease_until = NULL WHERE id = %(id)s;

-- keep_return: an account or user came back; the latest time counts
INSERT INTO came_back (account_id, user_id, at) VALUES (%(account_id)s, %(user_id)s, %(at)s)
ON CONFLICT (account_id, coalesce(user_id, '00000000-0000-0000-0000-000000000000')) DO UPDATE
SET at = GREATEST(came_back.at, EXCLUDED.at);

-- last_return: when an account or user came back last
SELECT at FROM came_back WHERE account_id = %(account_id)s AND user_id IS NOT DISTINCT FROM %(user_id)s;

-- forget_returns: returns so long ago that no leaving from before them can be heard any more
DELETE FROM came_back WHERE ctid IN (SELECT ctid FROM came_back WHERE at < %(before)s LIMIT %(limit)s);

-- answers: the latest word of each participant of some erasures
SELECT erasure_id, participant, outcome, counts, retained FROM answer WHERE erasure_id = ANY(%(ids)s::uuid[]);

-- keep_answer: a participant's latest word
INSERT INTO answer (erasure_id, participant, outcome, counts, retained, answered_at)
VALUES (%(erasure_id)s, %(participant)s, %(outcome)s, %(counts)s, %(retained)s, %(now)s)
ON CONFLICT (erasure_id, participant) DO UPDATE
SET outcome = EXCLUDED.outcome, counts = EXCLUDED.counts, retained = EXCLUDED.retained,
    answered_at = EXCLUDED.answered_at;

-- chain_lock: certificates are issued one after the other
SELECT pg_advisory_xact_lock(%(lock)s);

-- last_certificate: the end of the chain
SELECT sequence, hash FROM certificate ORDER BY sequence DESC LIMIT 1;

-- keep_certificate: the next link of the chain
INSERT INTO certificate (sequence, certificate_id, document, hash, issued_at)
VALUES (%(sequence)s, %(certificate_id)s, %(document)s, %(hash)s, %(now)s);

-- certificate: one certificate by its id
SELECT sequence, certificate_id, document, hash, issued_at FROM certificate WHERE certificate_id = %(id)s;

-- hash_of: the hash of the certificate in a place of the chain
SELECT hash FROM certificate WHERE sequence = %(sequence)s;

-- state_of_certificate: how far the erasure is that will have this certificate
SELECT state FROM erasure WHERE certificate_id = %(id)s;

-- certificates: a stretch of the chain
SELECT sequence, document FROM certificate WHERE sequence > %(after)s ORDER BY sequence LIMIT %(limit)s;

-- halted: how many erasures wait until a person releases them, and since when
SELECT count(*) AS count, min(entered_at) AS since FROM erasure WHERE state = 'halted';

-- unfinished: erasures whose day has come and which have no certificate yet; what is held as a whole waits rightly
SELECT * FROM erasure
WHERE state NOT IN ('certified', 'cancelled') AND due_on <= %(today)s
  AND NOT (state IN ('scheduled', 'halted', 'announced') AND held IS NULL AND is_kept(account_id, user_id, NULL))
ORDER BY due_on, id LIMIT %(limit)s;

-- over: erasures whose keys were destroyed before then and that wait for nothing, a batch, held
SELECT id, account_id, user_id FROM erasure
WHERE state = 'certified' AND destroyed_at < %(before)s AND (NOT kept_back OR followed_up)
ORDER BY destroyed_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- forget_answers: what was answered to erasures that are forgotten
DELETE FROM answer WHERE erasure_id = ANY (%(ids)s::uuid[]);

-- forget_erasures: erasures that are over, and those called off before of what they erased
DELETE FROM erasure AS e USING unnest(%(ids)s::uuid[], %(account_ids)s::uuid[], %(user_ids)s::uuid[])
    AS over (id, account_id, user_id)
WHERE e.id = over.id
   OR (e.state = 'cancelled' AND e.account_id = over.account_id
       AND (over.user_id IS NULL OR e.user_id = over.user_id));

-- forget_returns_of: when somebody came back who was erased later
DELETE FROM came_back AS c USING unnest(%(account_ids)s::uuid[], %(user_ids)s::uuid[]) AS over (account_id, user_id)
WHERE c.account_id = over.account_id AND (over.user_id IS NULL OR c.user_id = over.user_id);
