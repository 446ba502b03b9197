-- add_mailing: one event becomes one letter to a company or person; an erasure gets one farewell telling one date
INSERT INTO mailing (id, event_id, letter, account_id, user_id, correlation_id, clock_id, erasure_id,
                     certificate_id, due_on, backups_expire_on, noticed_on, notice_ends_on, happened_at, started_on,
                     review_on, cause, due_at, lane, requested_at, expires_at)
VALUES (%(id)s, %(event_id)s, %(letter)s, %(account_id)s, %(user_id)s, %(correlation_id)s, %(clock_id)s,
        %(erasure_id)s, %(certificate_id)s, %(due_on)s, %(backups_expire_on)s, %(noticed_on)s, %(notice_ends_on)s,
        %(happened_at)s, %(started_on)s, %(review_on)s, %(cause)s, %(now)s, %(lane)s, %(now)s, %(expires_at)s)
ON CONFLICT DO NOTHING;

-- reopen_farewell: an erasure announced again has had its letter; that it left is told once more
UPDATE mailing
SET state = 'expanded', settled_at = NULL, expires_at = %(expires_at)s
WHERE erasure_id = %(erasure_id)s AND backups_expire_on = %(backups_expire_on)s AND state = 'closed';

-- add_letter: one letter to one user; the same event never makes a second one
INSERT INTO letter (id, event_id, mailing_id, account_id, user_id, letter, renewal, correlation_id, ticket_id,
                    clock_id, erasure_id, certificate_id, due_on, backups_expire_on, happened_at, noticed_on,
                    notice_ends_on, started_on, review_on, cause, lane, due_at, fair_at, requested_at, expires_at)
VALUES (%(id)s, %(event_id)s, %(mailing_id)s, %(account_id)s, %(user_id)s, %(letter)s, %(renewal)s,
        %(correlation_id)s, %(ticket_id)s, %(clock_id)s, %(erasure_id)s, %(certificate_id)s, %(due_on)s, %(backups_expire_on)s, %(happened_at)s, %(noticed_on)s,
        %(notice_ends_on)s, %(started_on)s, %(review_on)s, %(cause)s, %(lane)s, %(due_at)s,
        %(fair_at)s, %(requested_at)s, %(expires_at)s)
ON CONFLICT (event_id, user_id, letter, renewal) DO NOTHING;

-- waiting_of_account: how many letters of a customer stand in line, counted to a limit
SELECT count(*) AS waiting
FROM (SELECT 1 FROM letter WHERE account_id = %(account_id)s AND state = 'pending' LIMIT %(limit)s) AS few;

-- claim_mailing: the next mailing to be split up, leased to one worker
UPDATE mailing
SET claim_id = %(claim_id)s, lease_until = %(lease_until)s, attempts = attempts + 1
WHERE id = (
    SELECT id FROM mailing
    WHERE state = 'pending' AND is_due(due_at, %(now)s, %(due)s) AND NOT is_leased(lease_until, %(now)s, %(lease)s)
    ORDER BY lane, due_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- bring_forward: letters whose place in the line is further back than any can be stand in it as of now
UPDATE letter SET fair_at = %(now)s WHERE state = 'pending' AND fair_at > %(now)s + %(fair)s;

-- drop_mailing: the mailing this worker holds is to nobody
DELETE FROM mailing WHERE id = %(id)s AND claim_id = %(claim_id)s;

-- settle_mailing: the mailing this worker holds goes on to another state
UPDATE mailing
SET state = %(state)s, due_at = coalesce(%(due_at)s, due_at), settled_at = %(settled_at)s, lease_until = NULL
WHERE id = %(id)s AND claim_id = %(claim_id)s AND state = 'pending';

-- claim_letter: the next letter, by lane and by fair turn, leased to one worker; nothing while the provider is paused
UPDATE letter
SET state = 'sending', claim_id = %(claim_id)s, lease_until = %(lease_until)s, attempts = attempts + 1,
    begun_at = NULL
WHERE id = (
    SELECT id FROM letter
    WHERE state = 'pending' AND is_due(due_at, %(now)s, %(due)s)
      AND NOT EXISTS (
          SELECT 1 FROM provider_budget
          WHERE provider = %(provider)s AND is_leased(paused_until, %(now)s, %(pause)s)
      )
    ORDER BY lane, fair_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- take_token: one call to the provider, if its bucket has one; a rate that was set while the system runs counts first
UPDATE provider_budget
SET tokens = least(coalesce(per_second * 2, %(burst)s::double precision),
                   tokens + CASE WHEN is_due(refilled_at, %(now)s, %(ahead)s)
                       THEN abs(extract(epoch FROM %(now)s - refilled_at)) ELSE 0 END
                       * coalesce(per_second, %(rate)s)) - 1,
    refilled_at = CASE WHEN is_due(refilled_at, %(now)s, %(ahead)s) THEN %(now)s ELSE refilled_at END
WHERE provider = %(provider)s
  AND least(coalesce(per_second * 2, %(burst)s::double precision),
            tokens + CASE WHEN is_due(refilled_at, %(now)s, %(ahead)s)
                THEN abs(extract(epoch FROM %(now)s - refilled_at)) ELSE 0 END
                * coalesce(per_second, %(rate)s)) >= 1;

-- set_rate: from the next letter on so many leave a second; without a figure the setting counts again
UPDATE provider_budget SET per_second = %(per_second)s WHERE provider = %(provider)s;

-- capacity: what bounds the sending of letters now
SELECT b.per_second, CASE WHEN is_leased(b.paused_until, %(now)s, %(pause)s) THEN b.paused_until END AS paused_until,
    b.tokens + greatest(0, extract(epoch FROM %(now)s - b.refilled_at)) * coalesce(b.per_second, %(rate)s) AS tokens,
    (SELECT count(*) FROM letter WHERE state = 'pending' AND is_due(due_at, %(now)s, %(due)s)) AS due,
    (SELECT count(*) FROM letter WHERE state = 'pending') AS pending,
    (SELECT count(*) FROM letter WHERE state = 'sending') AS sending,
    (SELECT count(*) FROM letter WHERE state = 'unknown') AS unclear,
    (SELECT count(*) FROM letter WHERE state = 'parked') AS parked,
    (SELECT min(requested_at) FROM letter WHERE state IN ('pending', 'sending', 'unknown', 'parked')) AS oldest
FROM provider_budget AS b WHERE b.provider = %(provider)s;

-- letters_by_state: how many letters have not left, were given up, or bounced, by state
SELECT state, count(*) AS count FROM letter
WHERE state IN ('pending', 'sending', 'unknown', 'parked', 'abandoned', 'bounced') GROUP BY state;

-- count_suppressed: how many addresses get no letters now
SELECT count(DISTINCT address_index) AS count FROM suppression WHERE ends_at IS NULL OR is_leased(ends_at, %(now)s, %(longest)s);

-- letters_late: how many letters were asked for before then and have not left, and since when the oldest
SELECT count(*) AS count, min(requested_at) AS since FROM letter
WHERE state IN ('pending', 'sending', 'unknown') AND requested_at < %(before)s;

-- pause_provider: leave the provider alone until an instant; a longer pause stays
UPDATE provider_budget
SET paused_until = CASE
    WHEN is_leased(paused_until, %(now)s, %(pause)s) THEN greatest(paused_until, %(until)s) ELSE %(until)s
END
WHERE provider = %(provider)s;

-- resume_provider: end a pause
UPDATE provider_budget SET paused_until = NULL WHERE provider = %(provider)s;

-- begin_letter: the call is about to be made; nothing comes back where the lease was lost or the erasure called off
UPDATE letter
SET begun_at = %(now)s, lease_until = %(lease_until)s, address_index = %(address_index)s
WHERE id = %(id)s AND claim_id = %(claim_id)s AND state = 'sending' AND is_leased(lease_until, %(now)s, %(lease)s)
  AND NOT EXISTS (SELECT 1 FROM cancelled_clock AS c WHERE c.clock_id = letter.clock_id)
RETURNING id;

-- clock_is_cancelled: whether the erasure that a letter announces was called off
SELECT 1 AS found FROM cancelled_clock WHERE clock_id = %(clock_id)s;

-- suppressions_of: why an address gets no letters, and until when
SELECT kind, ends_at, tried_at FROM suppression WHERE address_index = %(address_index)s;

-- note_try: a letter goes to a suppressed address all the same
UPDATE suppression SET tried_at = %(now)s WHERE address_index = %(address_index)s;

-- address_works: a letter arrived: bounces before it say nothing any more
DELETE FROM suppression WHERE kind = 'bounce' AND address_index = %(address_index)s;

-- open_suppressions: addresses that get no letters now, those of one company or all, newest first
SELECT id AS suppression_id, kind, account_id, user_id, times, since, ends_at FROM suppression
WHERE (ends_at IS NULL OR is_leased(ends_at, %(now)s, %(longest)s)) AND (%(account_id)s::uuid IS NULL OR account_id = %(account_id)s)
ORDER BY since DESC, id LIMIT %(limit)s;

-- suppression_by_id: one of them, held until the transaction ends
SELECT id AS suppression_id, kind, account_id, user_id, times, since, ends_at FROM suppression
WHERE id = %(id)s FOR UPDATE;

-- lift_suppression: a person says that the address works
UPDATE suppression SET ends_at = %(now)s, lifted_by = %(by)s WHERE id = %(id)s;

-- opt_outs_of: which classes a user declined
SELECT letter_class FROM opt_out WHERE user_id = %(user_id)s;

-- lock_letter: one letter, held until the transaction ends
SELECT * FROM letter WHERE id = %(id)s FOR UPDATE;

-- lock_letter_by_message: the letter with a message id of Mailgun, held until the transaction ends
SELECT * FROM letter WHERE provider_message_id = %(message_id)s LIMIT 1 FOR UPDATE;

-- write_letter: what became of a letter whose row this transaction holds
UPDATE letter
SET state = %(state)s, reason = %(reason)s, due_at = %(due_at)s, fair_at = %(due_at)s, attempts = %(attempts)s,
    checks = %(checks)s, lease_until = NULL, sent_at = %(sent_at)s, reconcile_at = %(reconcile_at)s,
    settled_at = %(settled_at)s, provider_message_id = coalesce(%(message_id)s, provider_message_id),
    provider_code = coalesce(%(code)s, provider_code)
WHERE id = %(id)s;

-- note_message: the id Mailgun gave a letter
UPDATE letter SET provider_message_id = %(message_id)s WHERE id = %(id)s;

-- delete_letter: a letter to a user who is no more
DELETE FROM letter WHERE id = %(id)s;

-- lost_letters: letters whose worker has not come back
SELECT * FROM letter
WHERE state = 'sending' AND NOT is_leased(lease_until, %(now)s, %(lease)s)
ORDER BY lease_until
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED;

-- claim_unknown: a letter whose fate is to be asked for, leased to one worker
UPDATE letter
SET claim_id = %(claim_id)s, due_at = %(lease_until)s
WHERE id = (
    SELECT id FROM letter
    WHERE state = 'unknown' AND is_due(due_at, %(now)s, %(due)s)
    ORDER BY due_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- claim_unheard_of: a letter that left and of which nothing more was heard, put off while it is asked for
UPDATE letter
SET claim_id = %(claim_id)s, reconcile_at = %(lease_until)s
WHERE id = (
    SELECT id FROM letter
    WHERE is_due(reconcile_at, %(now)s, %(reconcile)s)
    ORDER BY reconcile_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- release_parked: letters that waited for a person go out again, those of this batch
UPDATE letter
SET state = 'pending', due_at = %(now)s, fair_at = %(now)s, reason = NULL
WHERE id IN (
    SELECT id FROM letter WHERE state = 'parked' ORDER BY requested_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
);

-- letters_of_account: the newest letters of a company
SELECT * FROM letter WHERE account_id = %(id)s ORDER BY requested_at DESC, id LIMIT %(limit)s;

-- letters_of_user: the newest letters to a user
SELECT * FROM letter WHERE user_id = %(id)s ORDER BY requested_at DESC, id LIMIT %(limit)s;

-- letter_by_id: one letter
SELECT * FROM letter WHERE id = %(id)s;

-- add_suppression: an address gets no letters for a while; returns how often that has been said
INSERT INTO suppression (kind, address_index, account_id, user_id, since, ends_at)
VALUES (%(kind)s, %(address_index)s, %(account_id)s, %(user_id)s, %(now)s, %(ends_at)s)
ON CONFLICT (kind, address_index) DO UPDATE SET times = suppression.times + 1
RETURNING times;

-- set_suppression_end: until when it gets none
UPDATE suppression SET ends_at = %(ends_at)s WHERE kind = %(kind)s AND address_index = %(address_index)s;

-- forget_address: an address is known no more
DELETE FROM suppression WHERE address_index = %(address_index)s;

-- add_opt_out: a user declines a class of letters
INSERT INTO opt_out (user_id, letter_class, account_id, since)
VALUES (%(user_id)s, %(letter_class)s, %(account_id)s, %(now)s)
ON CONFLICT (user_id, letter_class) DO NOTHING;

-- cancel_clock: letters that announce this erasure do not leave any more
INSERT INTO cancelled_clock (clock_id, cancelled_at) VALUES (%(clock_id)s, %(now)s)
ON CONFLICT (clock_id) DO NOTHING;

-- spare_addresses: an erasure was called off: what is known of these addresses at Mailgun stays
UPDATE address_cleanup SET state = 'given_up'
WHERE state = 'waiting' AND mailing_id IN (SELECT id FROM mailing WHERE clock_id = %(clock_id)s);

-- add_webhook: a token is used once; nothing is added where it was seen before
INSERT INTO webhook (token, identity, letter_id, signal, verdict, received_at)
VALUES (%(token)s, %(identity)s, %(letter_id)s, %(signal)s, 'taken', %(now)s)
ON CONFLICT (token) DO NOTHING;

-- webhook_by_token: what a token was used for
SELECT identity FROM webhook WHERE token = %(token)s;

-- identity_seen: whether the same event came with another token
SELECT 1 AS found FROM webhook WHERE identity = %(identity)s AND token <> %(token)s LIMIT 1;

-- judge_webhook: what was done about a webhook
UPDATE webhook SET verdict = %(verdict)s, letter_id = %(letter_id)s WHERE token = %(token)s;

-- keep_unread: what could not be understood of a webhook
UPDATE webhook SET unread = %(unread)s WHERE token = %(token)s;

-- look_up: ask Mailgun's records for a letter at that instant; with none given, no more
UPDATE letter SET reconcile_at = %(at)s, checks = %(checks)s WHERE id = %(id)s;

-- add_farewell: remember that a last letter left
INSERT INTO farewell (letter_id, kept_until) VALUES (%(letter_id)s, %(kept_until)s)
ON CONFLICT (letter_id) DO NOTHING;

-- is_farewell: whether a letter was a last one
SELECT 1 AS found FROM farewell WHERE letter_id = %(letter_id)s;

-- users_written_to: users of a company to whom letters went or whose address is suppressed
SELECT user_id FROM letter WHERE account_id = %(account_id)s AND address_index IS NOT NULL
UNION
SELECT user_id FROM suppression WHERE account_id = %(account_id)s;

-- add_cleanup: an address is to be deleted at Mailgun, unless what is known of it there is held
INSERT INTO address_cleanup (mailing_id, user_id, account_id, due_at, expires_at)
SELECT %(mailing_id)s, %(user_id)s, %(account_id)s, %(now)s, %(expires_at)s
WHERE NOT is_kept(%(account_id)s, %(user_id)s, 'objections')
ON CONFLICT (mailing_id, user_id) DO NOTHING;

-- claim_cleanup: the next address to be forgotten, once its owner's last letter has left or was given up
UPDATE address_cleanup
SET claim_id = %(claim_id)s, due_at = %(lease_until)s, attempts = attempts + 1
WHERE (mailing_id, user_id) = (
    SELECT c.mailing_id, c.user_id FROM address_cleanup AS c
    WHERE c.state = 'waiting' AND is_due(c.due_at, %(now)s, %(due)s) AND NOT is_kept(c.account_id, c.user_id, 'objections')
      AND NOT EXISTS (
          SELECT 1 FROM letter AS l
          WHERE l.mailing_id = c.mailing_id AND l.user_id = c.user_id
            AND l.state IN ('pending', 'sending', 'unknown', 'parked')
      )
    ORDER BY c.due_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- settle_cleanup: the address this worker holds is forgotten, given up, or tried again
UPDATE address_cleanup
SET state = %(state)s, due_at = coalesce(%(due_at)s, due_at)
WHERE mailing_id = %(mailing_id)s AND user_id = %(user_id)s AND claim_id = %(claim_id)s AND state = 'waiting';

-- finished_farewells: last mailings whose letters have all left or were given up and whose addresses are forgotten
SELECT m.* FROM mailing AS m
WHERE m.state = 'expanded' AND m.erasure_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM address_cleanup AS c WHERE c.mailing_id = m.id AND c.state = 'waiting')
  AND NOT EXISTS (
      SELECT 1 FROM letter AS l
      WHERE l.mailing_id = m.id AND l.state IN ('pending', 'sending', 'unknown', 'parked')
  )
ORDER BY m.requested_at
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED;

-- overdue_farewells: last mailings that took too long
SELECT m.* FROM mailing AS m
WHERE m.state = 'expanded' AND m.erasure_id IS NOT NULL AND m.expires_at <= %(now)s
ORDER BY m.requested_at
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED;

-- states_of_mailing: what became of the letters of a mailing
SELECT state FROM letter WHERE mailing_id = %(mailing_id)s;

-- close_mailing: nothing more is to be done
UPDATE mailing SET state = 'closed', settled_at = %(now)s WHERE id = %(id)s;

-- raise_alarm: one open alarm of a kind, with how often it was met
INSERT INTO alarm (id, kind, status, raised_at, last_seen_at)
VALUES (%(id)s, %(kind)s, %(status)s, %(now)s, %(now)s)
ON CONFLICT (kind) WHERE closed_at IS NULL
DO UPDATE SET times = alarm.times + 1, last_seen_at = excluded.last_seen_at, status = excluded.status;

-- open_alarms: what a person must look at
SELECT id AS alarm_id, kind, status, times, raised_at, last_seen_at FROM alarm
WHERE closed_at IS NULL ORDER BY raised_at LIMIT %(limit)s;

-- close_alarms: a person has seen to them
UPDATE alarm SET closed_at = %(now)s WHERE closed_at IS NULL;

-- parked_letters: how many letters wait for a person
SELECT count(*) AS parked FROM letter WHERE state = 'parked';

-- alarms_waiting: how many alarms are open, and since when the oldest
SELECT count(*) AS count, min(raised_at) AS since FROM alarm WHERE closed_at IS NULL;

-- letters_waiting: how many letters wait for a person, and since when the oldest was asked for
SELECT count(*) AS count, min(requested_at) AS since FROM letter WHERE state = 'parked';

-- erase_webhooks: webhooks about the letters of a company or one of its users
DELETE FROM webhook
WHERE letter_id IN (
    SELECT id FROM letter
    WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
);

-- erase_cleanups: addresses still to be forgotten of a company or one of its users
DELETE FROM address_cleanup
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s);

-- erase_letters: letters of a company or to one of its users; what is held stays
DELETE FROM letter
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_mailings: mailings of a company or to one of its users; what is held stays
DELETE FROM mailing
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_suppressions: digests of the addresses of a company's users or of one of them; what is held stays
DELETE FROM suppression
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_opt_outs: what a company's users or one of them declined; what is held stays
DELETE FROM opt_out
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- erase_tasks: what a person was to do for a company or one of its users; what is held stays
DELETE FROM person_task
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_held(%(held_users)s::uuid[], %(held_categories)s::text[], user_id, %(category)s);

-- left_held: a row of the scope that was left
(SELECT 1 AS found FROM person_task
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
UNION ALL
(SELECT 1 FROM letter
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
UNION ALL
(SELECT 1 FROM mailing
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
UNION ALL
(SELECT 1 FROM suppression
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
UNION ALL
(SELECT 1 FROM opt_out
 WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) LIMIT 1)
LIMIT 1;

-- prune_webhooks: tokens too old to be used again
DELETE FROM webhook
WHERE token IN (SELECT token FROM webhook WHERE received_at <= %(before)s ORDER BY received_at LIMIT %(limit)s);

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

-- abandon_mailing_letters: letters of a mailing that took too long are not tried again
UPDATE letter
SET state = 'abandoned', reason = 'expired', settled_at = %(now)s, lease_until = NULL
WHERE mailing_id = %(mailing_id)s AND state IN ('pending', 'unknown', 'parked');

-- give_up_cleanups: addresses of a mailing that took too long stay where they are
UPDATE address_cleanup SET state = 'given_up' WHERE mailing_id = %(mailing_id)s AND state = 'waiting';

-- add_task: something a person is to do; a letter makes one task at most
INSERT INTO person_task (id, kind, account_id, user_id, letter_id, letter, reason, due_on, raised_at)
VALUES (%(id)s, %(kind)s, %(account_id)s, %(user_id)s, %(letter_id)s, %(letter)s, %(reason)s, %(due_on)s, %(now)s)
ON CONFLICT (letter_id) DO NOTHING;

-- open_tasks: what is to be done by a person, the most urgent first
SELECT id AS task_id, kind, account_id, user_id, letter, reason, due_on, raised_at, done_at, outcome FROM person_task
WHERE done_at IS NULL AND (%(kind)s::text IS NULL OR kind = %(kind)s)
ORDER BY due_on, id LIMIT %(limit)s;

-- lock_task: one task, held until the transaction ends
SELECT id AS task_id, kind, account_id, user_id, letter, reason, due_on, raised_at, done_at, outcome FROM person_task
WHERE id = %(id)s FOR UPDATE;

-- settle_task: a person has done it
UPDATE person_task SET done_at = %(now)s, outcome = %(outcome)s, done_by = %(by)s WHERE id = %(id)s;

-- tasks_waiting: how many of a kind wait for a person, and since when the oldest
SELECT count(*) AS count, min(raised_at) AS since FROM person_task WHERE done_at IS NULL AND kind = %(kind)s;
