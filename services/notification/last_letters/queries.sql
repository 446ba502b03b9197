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

-- spare_addresses: an erasure was called off: what is known of these addresses at Mailgun stays
UPDATE address_cleanup SET state = 'given_up'
WHERE state = 'waiting' AND mailing_id IN (SELECT id FROM mailing WHERE clock_id = %(clock_id)s);

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

-- abandon_mailing_letters: letters of a mailing that took too long are not tried again
UPDATE letter
SET state = 'abandoned', reason = 'expired', settled_at = %(now)s, lease_until = NULL
WHERE mailing_id = %(mailing_id)s AND state IN ('pending', 'unknown', 'parked');

-- give_up_cleanups: addresses of a mailing that took too long stay where they are
UPDATE address_cleanup SET state = 'given_up' WHERE mailing_id = %(mailing_id)s AND state = 'waiting';

-- states_of_mailing: what became of the letters of a mailing
SELECT state FROM letter WHERE mailing_id = %(mailing_id)s;

-- close_mailing: nothing more is to be done
UPDATE mailing SET state = 'closed', settled_at = %(now)s WHERE id = %(id)s;
