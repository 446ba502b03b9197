-- Looks at people of accounts of which it is not told yet whom they showed.

-- add: keep one
INSERT INTO reading (id, visit_id, session_id, staff_code, account_id, purpose, acts, begun_at)
VALUES (%(id)s, %(visit_id)s, %(session_id)s, %(staff_code)s, %(account_id)s, %(purpose)s, %(acts)s, %(begun_at)s);

-- take: those of one page, which are told now and no second time
DELETE FROM reading WHERE id = %(id)s AND session_id = %(session_id)s
RETURNING id, visit_id, session_id, staff_code, account_id, purpose, acts, begun_at;

-- take_older: those of which nobody told whom they showed
WITH old AS (
    SELECT id, account_id, purpose FROM reading WHERE begun_at <= %(before)s
    ORDER BY begun_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
DELETE FROM reading USING old
WHERE reading.id = old.id AND reading.account_id = old.account_id AND reading.purpose = old.purpose
RETURNING reading.id, visit_id, session_id, staff_code, reading.account_id, reading.purpose, acts, begun_at;
