-- Passkeys, the challenges that wait for an answer, and sessions.

-- begin_ceremony: a challenge that waits for its answer
INSERT INTO ceremony (id, kind, person_id, challenge, begun_at)
VALUES (%(id)s, %(kind)s, %(person_id)s, %(challenge)s, %(now)s);

-- take_ceremony: a challenge is answered once, whatever the answer is
DELETE FROM ceremony WHERE id = %(id)s RETURNING id, kind, person_id, challenge, begun_at;

-- expire_ceremonies: challenges that nobody answered in time
DELETE FROM ceremony WHERE id IN (SELECT id FROM ceremony WHERE begun_at <= %(before)s LIMIT %(limit)s);

-- add_passkey: a key, unless it is somebody's already
INSERT INTO passkey (id, person_id, credential_id, public_key, aaguid, counter, synced, backed_up, transports, way,
                     enrolled_at)
VALUES (%(id)s, %(person_id)s, %(credential_id)s, %(public_key)s, %(aaguid)s, %(counter)s, %(synced)s, %(backed_up)s,
        %(transports)s, %(way)s, %(enrolled_at)s)
ON CONFLICT (credential_id) DO NOTHING;

-- lock_passkey: the key that a credential names, locked until the transaction ends
SELECT id, person_id, credential_id, public_key, aaguid, counter, synced, backed_up, transports, way, enrolled_at, used_at,
       revoked_at, revoked_because, enrolment_line, suspected_at
FROM passkey WHERE credential_id = %(credential_id)s FOR UPDATE;

-- live_passkeys: a person's keys that are not revoked, oldest first
SELECT id, person_id, credential_id, public_key, aaguid, counter, synced, backed_up, transports, way, enrolled_at, used_at,
       revoked_at, revoked_because, enrolment_line, suspected_at
FROM passkey WHERE person_id = %(person_id)s AND revoked_at IS NULL ORDER BY enrolled_at, id;

-- count_passkeys: how many keys of a person are not revoked
SELECT count(*) AS count FROM passkey WHERE person_id = %(person_id)s AND revoked_at IS NULL;

-- use_passkey: a key proved something
UPDATE passkey SET counter = %(counter)s, backed_up = %(backed_up)s, used_at = %(now)s WHERE id = %(id)s;

-- suspect_passkey: somebody has shown a counter that did not rise
UPDATE passkey SET suspected_at = %(now)s WHERE id = %(id)s AND suspected_at IS NULL;

-- suspected: keys that somebody has a copy of, and that still prove something
SELECT count(*) AS count, min(suspected_at) AS since FROM passkey WHERE suspected_at IS NOT NULL AND revoked_at IS NULL;

-- keys_after_exit: keys and sessions of people who have left
SELECT count(*) AS count FROM person p WHERE p.state = 'left' AND (
    EXISTS (SELECT 1 FROM passkey k WHERE k.person_id = p.id AND k.revoked_at IS NULL)
    OR EXISTS (SELECT 1 FROM session s WHERE s.person_id = p.id AND s.ended_at IS NULL)
);

-- sessions_of_revoked_keys: sessions that last although the key that opened them was revoked
SELECT count(*) AS count FROM session s JOIN passkey k ON k.id = s.passkey_id
WHERE k.revoked_at IS NOT NULL AND s.ended_at IS NULL;

-- revoke_passkey: a key proves nothing any more
UPDATE passkey SET revoked_at = %(now)s, revoked_because = %(reason)s WHERE id = %(id)s AND revoked_at IS NULL;

-- keep_enrolment: the signed line of a key's enrolment
UPDATE passkey SET enrolment_line = %(line)s WHERE id = %(id)s AND enrolment_line IS NULL;

-- enrolment: that line
SELECT enrolment_line FROM passkey WHERE id = %(id)s;

-- revoke_again: this key, or those of whoever is called so, have proved nothing from this instant on
UPDATE passkey SET revoked_at = %(at)s, revoked_because = %(reason)s
WHERE (id = %(id)s OR person_id = (SELECT id FROM person WHERE code = %(staff_code)s))
  AND (revoked_at IS NULL OR revoked_at > %(at)s);

-- live_ones: how many keys prove something, this one or those of whoever is called so
SELECT count(*) AS count FROM passkey k JOIN person p ON p.id = k.person_id
WHERE k.revoked_at IS NULL AND (%(id)s::uuid IS NULL OR k.id = %(id)s)
  AND (%(staff_code)s::text IS NULL OR p.code = %(staff_code)s);

-- end_sessions_again: no session works that this key opened, or that whoever is called so has
DELETE FROM session s USING person p
WHERE p.id = s.person_id AND (%(passkey_id)s::uuid IS NULL OR s.passkey_id = %(passkey_id)s)
  AND (%(staff_code)s::text IS NULL OR p.code = %(staff_code)s);

-- open_session: a log-in
INSERT INTO session (id, token_digest, person_id, passkey_id, kind, authenticated_at, created_at, seen_at)
VALUES (%(id)s, %(token_digest)s, %(person_id)s, %(passkey_id)s, %(kind)s, %(authenticated_at)s, %(now)s, %(now)s);

-- lock_person: nobody else ends what this person has until the transaction ends
SELECT 1 FROM person WHERE id = %(id)s FOR UPDATE;

-- session: the session that a token belongs to, and its person, while the key that opened it is good
SELECT s.id, s.passkey_id, s.kind, s.authenticated_at, s.created_at, s.seen_at, p.id AS person_id, p.code, p.state,
       p.invited_at, p.activated_at, p.left_at
FROM session s JOIN person p ON p.id = s.person_id JOIN passkey k ON k.id = s.passkey_id
WHERE s.token_digest = %(token_digest)s AND s.ended_at IS NULL AND k.revoked_at IS NULL;

-- session_of_id: the session with this id, and its person, while the key that opened it is good
SELECT s.id, s.passkey_id, s.kind, s.authenticated_at, s.created_at, s.seen_at, p.id AS person_id, p.code, p.state,
       p.invited_at, p.activated_at, p.left_at
FROM session s JOIN person p ON p.id = s.person_id JOIN passkey k ON k.id = s.passkey_id
WHERE s.id = %(id)s AND s.ended_at IS NULL AND k.revoked_at IS NULL;

-- sessions_of: a person's sessions, newest first
SELECT id, kind, authenticated_at, created_at, seen_at FROM session
WHERE person_id = %(person_id)s AND ended_at IS NULL ORDER BY created_at DESC, id DESC;

-- touch_session: it was used
UPDATE session SET seen_at = %(now)s WHERE id = %(id)s;

-- end_session: it works no more; whose it was is known for a while, for a form that is open in it
UPDATE session SET ended_at = %(now)s WHERE id = %(id)s AND person_id = %(person_id)s AND ended_at IS NULL RETURNING id;

-- end_sessions: those of a person that were opened by this key, or all of them, but for one
UPDATE session SET ended_at = %(now)s
WHERE person_id = %(person_id)s AND ended_at IS NULL
  AND (%(passkey_id)s::uuid IS NULL OR passkey_id = %(passkey_id)s)
  AND (%(keep)s::uuid IS NULL OR id <> %(keep)s) RETURNING id;

-- end_oldest_sessions: a person's oldest sessions beyond the limit
UPDATE session SET ended_at = %(now)s WHERE id IN (
    SELECT id FROM session WHERE person_id = %(person_id)s AND ended_at IS NULL
    ORDER BY created_at DESC, id DESC OFFSET %(keep)s
) RETURNING id;

-- expire_sessions: sessions that are over, and were for so long that no form is kept for them
DELETE FROM session WHERE id IN (
    SELECT id FROM session WHERE created_at <= %(before)s OR ended_at <= %(ended_before)s LIMIT %(limit)s
);
