-- What persons write to support and are answered. Every query has a name and a sentence.

-- begin: a thread with its first message, which waits for an answer
INSERT INTO support_thread (id, account_id, user_id, kind, state, messages, version, begun_at, written_at, waiting_since,
                            answer_due, expires_on)
VALUES (%(id)s, %(account_id)s, %(user_id)s, %(kind)s, 'waiting', 1, 1, %(now)s, %(now)s, %(now)s, %(answer_due)s,
        %(expires_on)s);

-- add_message: a message, its text sealed under the person's key
INSERT INTO support_message (id, thread_id, account_id, user_id, number, written_by, way, text_sealed, written_at)
VALUES (%(id)s, %(thread_id)s, %(account_id)s, %(user_id)s, %(number)s, %(written_by)s, %(way)s, %(text_sealed)s,
        %(now)s);

-- lock: a thread of an account, which nobody else changes meanwhile
SELECT id, account_id, user_id, kind, state, messages, version, begun_at, answer_due, expires_on
FROM support_thread WHERE id = %(id)s AND account_id = %(account_id)s FOR UPDATE;

-- get: a thread of an account
SELECT id, account_id, user_id, kind, state, messages, version, begun_at, answer_due, expires_on
FROM support_thread WHERE id = %(id)s AND account_id = %(account_id)s;

-- wait: the person has written on; what waited before still waits since then
UPDATE support_thread
SET state = 'waiting', messages = messages + 1, version = version + 1, written_at = %(now)s,
    waiting_since = coalesce(waiting_since, %(now)s), answer_due = coalesce(answer_due, %(answer_due)s),
    expires_on = %(expires_on)s
WHERE id = %(id)s
RETURNING messages, answer_due;

-- answer: staff have written
UPDATE support_thread
SET state = 'answered', messages = messages + 1, version = version + 1, written_at = %(now)s, waiting_since = NULL,
    answer_due = NULL, expires_on = %(expires_on)s
WHERE id = %(id)s
RETURNING messages, state, version;

-- settle: no written answer is needed
UPDATE support_thread
SET state = 'settled', version = version + 1, waiting_since = NULL, answer_due = NULL
WHERE id = %(id)s
RETURNING state, version;

-- earlier: when this person wrote in that time, as many as count
SELECT written_at FROM support_message
WHERE user_id = %(user_id)s AND written_by = 'person' AND written_at BETWEEN %(since)s AND %(until)s
ORDER BY written_at DESC LIMIT %(limit)s;

-- of_account: threads of a person or of a whole account with their first message, those written in last come first
SELECT t.id, t.account_id, t.user_id, t.kind, t.state, t.messages, t.begun_at, t.written_at, t.answer_due, t.expires_on,
       m.id AS message_id, m.text_sealed, is_kept(t.account_id, t.user_id, 'support') AS kept
FROM support_thread AS t JOIN support_message AS m ON m.thread_id = t.id AND m.number = 1
WHERE t.account_id = %(account_id)s AND (%(user_id)s::uuid IS NULL OR t.user_id = %(user_id)s)
  AND (%(after_at)s::timestamptz IS NULL OR (t.written_at, t.id) < (%(after_at)s::timestamptz, %(after_id)s))
ORDER BY t.written_at DESC, t.id DESC LIMIT %(limit)s;

-- of_reply: whose thread a reply address names, wherever it is
SELECT id, account_id, user_id FROM support_thread WHERE id = %(id)s;

-- lock_reply: how it stands, which nobody else changes meanwhile
SELECT id, account_id, user_id, messages, declined_at FROM support_thread WHERE id = %(id)s FOR UPDATE;

-- message_known: whether this very mail was taken before
SELECT 1 AS found FROM support_message WHERE id = %(id)s;

-- note_declined: from now on nothing more is told of what is not taken, for a day
UPDATE support_thread SET declined_at = %(now)s WHERE id = %(id)s;

-- messages: those of a thread before a number, the newest first
SELECT id, account_id, user_id, number, written_by, way, text_sealed, written_at FROM support_message
WHERE thread_id = %(thread_id)s AND (%(before)s::integer IS NULL OR number < %(before)s)
ORDER BY number DESC LIMIT %(limit)s;

-- waiting: what waits for an answer, of all customers, those first that are due first
SELECT id, account_id, kind, waiting_since, answer_due FROM support_thread
WHERE waiting_since IS NOT NULL
  AND (%(after_at)s::date IS NULL OR (answer_due, id) > (%(after_at)s::date, %(after_id)s))
ORDER BY answer_due, id LIMIT %(limit)s;

-- overdue: how many should have been answered before today
SELECT count(*) AS count, min(waiting_since) AS since FROM support_thread
WHERE waiting_since IS NOT NULL AND answer_due < %(today)s;

-- written_while_inactive: messages of a page that nobody with a session can have written
SELECT count(*) AS count FROM support_message AS m
JOIN account_user AS u ON u.id = m.user_id JOIN account AS a ON a.id = m.account_id
WHERE m.written_by = 'person' AND m.way = 'page'
  AND (u.state = 'inactive' AND m.written_at > u.inactivated_at + interval '1 minute'
       OR a.state = 'inactive' AND m.written_at > a.inactivated_at + interval '1 minute');

-- expire: threads whose time is over and in which nothing waits, a batch, unless they may only be stored
DELETE FROM support_thread WHERE id IN (
    SELECT id FROM support_thread
    WHERE expires_on <= %(today)s AND waiting_since IS NULL AND NOT is_kept(account_id, user_id, 'support')
    ORDER BY expires_on LIMIT %(limit)s
);
