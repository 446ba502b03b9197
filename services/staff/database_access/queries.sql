-- Who may look into which database.

-- add: keep one, unless somebody else may look into this database
INSERT INTO database_access (id, person_id, of_database, reason, purpose, opened_at, expires_at, approved_by)
VALUES (%(id)s, %(person_id)s, %(of_database)s, %(reason)s, %(purpose)s, %(opened_at)s, %(expires_at)s, %(approved_by)s)
ON CONFLICT (of_database) WHERE ended_at IS NULL DO NOTHING;

-- lock: one, locked until the transaction ends
SELECT access.id, person_id, code, of_database, reason, purpose, opened_at, expires_at, approved_by, password_made_at,
       ended_at, ended_by, ended_because
FROM database_access AS access JOIN person ON person.id = person_id WHERE access.id = %(id)s FOR UPDATE OF access;

-- open_ones: those that have not ended, locked until the transaction ends
SELECT access.id, person_id, code, of_database, reason, purpose, opened_at, expires_at, approved_by, password_made_at,
       ended_at, ended_by, ended_because
FROM database_access AS access JOIN person ON person.id = person_id WHERE ended_at IS NULL
ORDER BY access.id FOR UPDATE OF access;

-- listed: a page of them, the newest first
SELECT access.id, person_id, code, of_database, reason, purpose, opened_at, expires_at, approved_by, password_made_at,
       ended_at, ended_by, ended_because
FROM database_access AS access JOIN person ON person.id = person_id
WHERE %(after_at)s::timestamptz IS NULL OR (opened_at, access.id) < (%(after_at)s::timestamptz, %(after_id)s::uuid)
ORDER BY opened_at DESC, access.id DESC LIMIT %(limit)s;

-- note_password: whoever has it has set a password
UPDATE database_access SET password_made_at = %(now)s WHERE id = %(id)s;

-- end: it is over
UPDATE database_access SET ended_at = %(now)s, ended_by = %(by)s, ended_because = %(reason)s
WHERE id = %(id)s AND ended_at IS NULL;

-- forget: what ended before then
DELETE FROM database_access
WHERE id IN (SELECT id FROM database_access WHERE ended_at < %(before)s ORDER BY ended_at LIMIT %(limit)s);

-- role_of: by which name PostgreSQL lets somebody into a database
SELECT reader_door.role_of(%(of_database)s) AS role;

-- open_door: let whoever knows the password in, for so long
SELECT reader_door.open(%(of_database)s, %(verifier)s, %(seconds)s);

-- close_door: let nobody in, and cut off who is in
SELECT reader_door.close(%(of_database)s);

-- standing: into which databases somebody is let, or is in
SELECT of_database, lets_in FROM reader_door.standing();
