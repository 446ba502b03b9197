-- Command lines that wait to be let in.

-- lock_room: one after the other, until the end of the transaction
SELECT pg_advisory_xact_lock(hashtext('device_log_in'));

-- count_pending: how many devices wait
SELECT count(*) AS count FROM device_log_in WHERE begun_at > %(since)s;

-- begin: a device waits, unless its code is another's
INSERT INTO device_log_in (id, device_digest, user_code, begun_at, polls)
VALUES (%(id)s, %(device_digest)s, %(user_code)s, %(now)s, 0) ON CONFLICT DO NOTHING;

-- lock_by_device: the device with this secret, locked until the transaction ends
SELECT id, begun_at, asked_at, polls, decision, decided_in FROM device_log_in
WHERE device_digest = %(device_digest)s FOR UPDATE;

-- lock_by_code: the device with this code, locked until the transaction ends
SELECT id, begun_at, asked_at, polls, decision, decided_in FROM device_log_in
WHERE user_code = %(user_code)s FOR UPDATE;

-- note_poll: a device asked
UPDATE device_log_in SET asked_at = %(now)s, polls = polls + 1 WHERE id = %(id)s;

-- decide: a person let it in, or did not
UPDATE device_log_in SET decision = %(decision)s, decided_in = %(session_id)s WHERE id = %(id)s;

-- drop: it waits no more
DELETE FROM device_log_in WHERE id = %(id)s;

-- expire: devices that waited for too long
DELETE FROM device_log_in WHERE id IN (SELECT id FROM device_log_in WHERE begun_at <= %(before)s LIMIT %(limit)s);
