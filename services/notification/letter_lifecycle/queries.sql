-- add_mailing: one event becomes one letter to a company or person; an erasure gets one farewell telling one date
INSERT INTO mailing (id, event_id, letter, account_id, user_id, correlation_id, clock_id, erasure_id,
                     certificate_id, due_on, backups_expire_on, noticed_on, notice_ends_on, happened_at, started_on,
                     review_on, cause, notice_id, case_id, campaign_id, in_doubt, due_at, lane, requested_at, expires_at)
VALUES (%(id)s, %(event_id)s, %(letter)s, %(account_id)s, %(user_id)s, %(correlation_id)s, %(clock_id)s,
        %(erasure_id)s, %(certificate_id)s, %(due_on)s, %(backups_expire_on)s, %(noticed_on)s, %(notice_ends_on)s,
        %(happened_at)s, %(started_on)s, %(review_on)s, %(cause)s, %(notice_id)s, %(case_id)s, %(campaign_id)s, %(in_doubt)s,
        %(requested_at)s, %(lane)s, %(requested_at)s, %(expires_at)s)
ON CONFLICT DO NOTHING;

-- reopen_farewell: an erasure announced again has had its letter; that it left is told once more
UPDATE mailing
SET state = 'expanded', settled_at = NULL, expires_at = %(expires_at)s
WHERE erasure_id = %(erasure_id)s AND backups_expire_on = %(backups_expire_on)s AND state = 'closed';

-- reopen_mailing: a mailing that had become letters, of which one reached nobody; whoever looks at it now waits for that
UPDATE mailing SET state = 'pending', due_at = %(now)s, settled_at = NULL
WHERE id = %(id)s AND state IN ('closed', 'pending');

-- take_mailing_of_person: a mailing that was for one person alone, who is no more
DELETE FROM mailing WHERE id = %(id)s AND user_id = %(user_id)s RETURNING *;

-- delete_mailing: a mailing that nobody is to get
DELETE FROM mailing WHERE id = %(id)s;

-- add_letter: one letter to one user; the same event never makes a second one
INSERT INTO letter (id, event_id, mailing_id, account_id, user_id, letter, renewal, correlation_id, ticket_id,
                    clock_id, erasure_id, certificate_id, due_on, backups_expire_on, happened_at, noticed_on,
                    notice_ends_on, started_on, review_on, cause, notice_id, case_id, campaign_id, lane, state, due_at, fair_at,
                    requested_at, expires_at)
VALUES (%(id)s, %(event_id)s, %(mailing_id)s, %(account_id)s, %(user_id)s, %(letter)s, %(renewal)s,
        %(correlation_id)s, %(ticket_id)s, %(clock_id)s, %(erasure_id)s, %(certificate_id)s, %(due_on)s,
        %(backups_expire_on)s, %(happened_at)s, %(noticed_on)s, %(notice_ends_on)s,
        %(started_on)s, %(review_on)s, %(cause)s, %(notice_id)s, %(case_id)s, %(campaign_id)s, %(lane)s, %(state)s, %(due_at)s, %(fair_at)s,
        %(requested_at)s, %(expires_at)s)
ON CONFLICT (event_id, user_id, letter, renewal) DO NOTHING;

-- waiting: of these events those whose letter waits, and none of theirs has left or was given up
SELECT m.event_id FROM mailing AS m
WHERE m.event_id = ANY(%(event_ids)s)
  AND (m.state = 'pending' OR EXISTS (
      SELECT FROM letter AS l WHERE l.mailing_id = m.id AND l.state IN ('pending', 'sending', 'unknown')))
  AND NOT EXISTS (
      SELECT FROM letter AS l WHERE l.mailing_id = m.id AND l.state NOT IN ('pending', 'sending', 'unknown'));

-- close_told: a mailing of which the ledger says that it was told becomes no letter
UPDATE mailing SET state = 'closed', settled_at = %(at)s, lease_until = NULL
WHERE event_id = %(event_id)s AND state = 'pending';

-- deliver_told: letters of which the ledger says that they have arrived
UPDATE letter
SET state = 'delivered', sent_at = coalesce(sent_at, %(at)s), settled_at = %(at)s, reconcile_at = NULL, lease_until = NULL
WHERE event_id = %(event_id)s AND state IN ('pending', 'sending', 'unknown');

-- doubt_mailings: mailings of a notice that are not letters yet; each letter is asked for before it leaves
UPDATE mailing SET in_doubt = true WHERE notice_id = %(notice_id)s AND state = 'pending' AND NOT in_doubt;

-- doubt_letters: letters of a notice that wait are asked for before they leave
UPDATE letter SET state = 'unknown', reason = 'restored', due_at = %(now)s, lease_until = NULL, begun_at = NULL,
    checks = 0
WHERE notice_id = %(notice_id)s AND state IN ('pending', 'sending');

-- waiting_of_account: how many letters of a customer stand in line, counted to a limit
SELECT count(*) AS waiting
FROM (SELECT 1 FROM letter WHERE account_id = %(account_id)s AND state = 'pending' LIMIT %(limit)s) AS few;

-- clock_is_cancelled: whether the erasure that a letter announces was called off
SELECT 1 AS found FROM cancelled_clock WHERE clock_id = %(clock_id)s;

-- cancel_clock: letters that announce this erasure do not leave any more
INSERT INTO cancelled_clock (clock_id, cancelled_at) VALUES (%(clock_id)s, %(now)s)
ON CONFLICT (clock_id) DO NOTHING;

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

-- look_up: ask Mailgun's records for a letter at that instant; with none given, no more
UPDATE letter SET reconcile_at = %(at)s, checks = %(checks)s WHERE id = %(id)s;
