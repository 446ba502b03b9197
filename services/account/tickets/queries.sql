-- Tickets of letters, and the end of links and sessions.

-- insert_ticket: a letter with a link is to be written
INSERT INTO ticket (id, user_id, account_id, kind, created_at)
VALUES (%(id)s, %(user_id)s, %(account_id)s, %(kind)s, %(now)s);

-- ticket_for_update: one ticket of one user
SELECT id, user_id, account_id, kind, created_at, minted_at, used_at FROM ticket WHERE id = %(id)s AND user_id = %(user_id)s FOR UPDATE;

-- ticket_by_token: whose ticket this token belongs to
SELECT id, user_id, account_id, kind, created_at, minted_at, used_at FROM ticket WHERE token_hash = %(token_hash)s;

-- ticket_by_token_for_update: the same, and nobody else uses it meanwhile
SELECT id, user_id, account_id, kind, created_at, minted_at, used_at FROM ticket WHERE token_hash = %(token_hash)s FOR UPDATE;

-- mint_ticket: the digest of the token that the letter carries
UPDATE ticket SET token_hash = %(token_hash)s, minted_at = %(now)s WHERE id = %(id)s;

-- use_ticket: it does not work again
UPDATE ticket SET used_at = %(now)s WHERE id = %(id)s;

-- void_tickets: the user's other tickets of these kinds do not work any more
UPDATE ticket SET used_at = %(now)s WHERE user_id = %(user_id)s AND kind = ANY(%(kinds)s) AND used_at IS NULL;

-- void_account_tickets: no link of a company's letters works any more; they still count as letters
UPDATE ticket SET used_at = %(now)s WHERE account_id = %(account_id)s AND kind = ANY(%(kinds)s) AND used_at IS NULL;

-- delete_user_sessions: all of a user's sessions, but for one
DELETE FROM session WHERE user_id = %(user_id)s AND (%(keep)s::uuid IS NULL OR id <> %(keep)s);

-- delete_account_sessions: all sessions of a company
DELETE FROM session WHERE account_id = %(account_id)s;

-- earlier_tickets: when the user was last sent letters of this kind
SELECT created_at FROM ticket WHERE user_id = %(user_id)s AND kind = %(kind)s AND created_at > %(since)s
ORDER BY created_at DESC LIMIT 100;

-- earlier_letters: when letters of this kind last went to an address, whosever it is
SELECT t.created_at FROM ticket t JOIN account_user u ON u.id = t.user_id
WHERE u.email_index = %(email_index)s AND t.kind = %(kind)s AND t.created_at > %(since)s
ORDER BY t.created_at DESC LIMIT 100;

-- oldest_counted: when the letter was asked for that has so many newer ones of these kinds in the account
SELECT created_at FROM ticket WHERE account_id = %(account_id)s AND kind = ANY(%(kinds)s)
ORDER BY created_at DESC OFFSET %(but)s LIMIT 1;

-- uninvited: users of a company who have neither password nor invitation
SELECT u.id, u.version FROM account_user u
WHERE u.account_id = %(account_id)s AND u.state = 'active'
  AND NOT EXISTS (SELECT 1 FROM credential c WHERE c.user_id = u.id)
  AND NOT EXISTS (SELECT 1 FROM ticket t WHERE t.user_id = u.id AND t.kind = 'invitation' AND t.used_at IS NULL)
ORDER BY u.created_at, u.id LIMIT 10000;

-- expire_tickets: tickets that cannot be of use any more
DELETE FROM ticket WHERE id IN (SELECT id FROM ticket WHERE created_at < %(before)s LIMIT %(limit)s);

-- request_letter: somebody asked for a letter
INSERT INTO letter_request (id, kind, email_index, requested_at, due_at)
VALUES (%(id)s, %(kind)s, %(email_index)s, %(now)s, %(now)s);

-- postpone_letter: the wish waits until a letter may go; one that waits already is enough
INSERT INTO letter_request (id, kind, email_index, requested_at, due_at)
SELECT %(id)s, %(kind)s, %(email_index)s, %(now)s, %(due_at)s
WHERE NOT EXISTS (
    SELECT 1 FROM letter_request WHERE email_index = %(email_index)s AND kind = %(kind)s AND is_leased(due_at, %(now)s, %(due)s)
);

-- take_letter_requests: the oldest wishes for letters, gone when this transaction is committed
DELETE FROM letter_request WHERE id IN (
    SELECT id FROM letter_request WHERE is_due(due_at, %(now)s, %(due)s) ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING id, kind, email_index;
