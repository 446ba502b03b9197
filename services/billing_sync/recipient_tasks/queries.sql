-- Corrections that recipients are told. Every query has a name and a sentence.

-- open: a recipient is to be told of a correction, once
INSERT INTO recipient_task (id, account_id, user_id, recipient, fields, opened_at)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(recipient)s, %(fields)s, %(now)s) ON CONFLICT (id) DO NOTHING;

-- close: what was opened before the copy was made has arrived with it, but for those who may only be stored
UPDATE recipient_task SET closed_at = %(now)s, outcome = 'done'
WHERE account_id = %(account_id)s AND recipient = %(recipient)s AND closed_at IS NULL AND opened_at <= %(before)s
  AND (user_id IS NULL OR user_id <> ALL (%(spared)s::uuid[]));

-- of_account: the newest of one account
SELECT user_id, recipient, fields, opened_at, closed_at, outcome FROM recipient_task
WHERE account_id = %(account_id)s ORDER BY opened_at DESC, id DESC LIMIT %(limit)s;

-- erase: nothing of the account, or of one user, is told any more, but for those whose copy is held
DELETE FROM recipient_task
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND (user_id IS NULL OR user_id <> ALL (%(held)s::uuid[]));

-- is_left: whether there is one of the account, or of one user
SELECT 1 FROM recipient_task
WHERE account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
  AND NOT is_kept(account_id, user_id, 'billing_copy') LIMIT 1;

-- expire: what was closed long ago
DELETE FROM recipient_task WHERE id IN (
    SELECT id FROM recipient_task WHERE closed_at < %(before)s LIMIT %(limit)s
);
