-- add_task: something a person is to do; a letter makes one task at most, and what is noted twice is one
INSERT INTO person_task (id, kind, account_id, user_id, letter_id, letter, reason, due_on, raised_at)
VALUES (%(id)s, %(kind)s, %(account_id)s, %(user_id)s, %(letter_id)s, %(letter)s, %(reason)s, %(due_on)s, %(now)s)
ON CONFLICT DO NOTHING;

-- open_tasks: a page of what is to be done by a person, the most urgent first
SELECT id AS task_id, kind, account_id, user_id, letter, reason, due_on, raised_at, done_at, outcome FROM person_task
WHERE done_at IS NULL AND (%(kind)s::text IS NULL OR kind = %(kind)s)
AND (%(account_id)s::uuid IS NULL OR account_id = %(account_id)s)
AND (%(after_at)s::date IS NULL OR (due_on, id) > (%(after_at)s::date, %(after_id)s::uuid))
ORDER BY due_on, id LIMIT %(limit)s;

-- lock_task: one task, held until the transaction ends
SELECT id AS task_id, kind, account_id, user_id, letter, reason, due_on, raised_at, done_at, outcome FROM person_task
WHERE id = %(id)s FOR UPDATE;

-- settle_task: a person has done it
UPDATE person_task SET done_at = %(now)s, outcome = %(outcome)s, done_by = %(by)s WHERE id = %(id)s;

-- tasks_past: how many of a kind were to be done before that day, and are not
SELECT count(*) AS count FROM person_task WHERE done_at IS NULL AND kind = %(kind)s AND due_on < %(today)s;

-- tasks_waiting: how many of a kind wait for a person, and since when the oldest
SELECT count(*) AS count, min(raised_at) AS since FROM person_task WHERE done_at IS NULL AND kind = %(kind)s;

-- tasks_counted: how many are open, how many of them were to be done before today, and the first day of all
SELECT count(*) AS count, count(*) FILTER (WHERE due_on < %(today)s) AS overdue, min(due_on) AS first_due_on
FROM person_task WHERE done_at IS NULL;
