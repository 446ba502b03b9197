-- Roles that people of the staff are granted.

-- add: keep a grant
INSERT INTO role_grant (id, person_id, role, purpose, account_ids, begins_at, expires_at, bootstrap, granted_at,
                        granted_by, approved_by)
VALUES (%(id)s, %(person_id)s, %(role)s, %(purpose)s, %(account_ids)s, %(begins_at)s, %(expires_at)s, %(bootstrap)s,
        %(granted_at)s, %(granted_by)s, %(approved_by)s);

-- of_person: all of a person, the newest first
SELECT id, person_id, role, purpose, account_ids, begins_at, expires_at, bootstrap, granted_at, granted_by, approved_by,
       ended_at, ended_by, ended_because
FROM role_grant WHERE person_id = %(person_id)s ORDER BY granted_at DESC, id DESC;

-- grant_by_id: one grant
SELECT id, person_id, role, purpose, account_ids, begins_at, expires_at, bootstrap, granted_at, granted_by, approved_by,
       ended_at, ended_by, ended_because
FROM role_grant WHERE id = %(id)s;

-- end: a grant gives nothing any more
UPDATE role_grant SET ended_at = %(now)s, ended_by = %(by)s, ended_because = %(reason)s
WHERE id = %(id)s AND ended_at IS NULL;

-- end_again: this grant, or those of whoever is called so, have given nothing from this instant on
UPDATE role_grant SET ended_at = %(at)s, ended_by = %(by)s, ended_because = %(reason)s
WHERE (id = %(id)s OR person_id = (SELECT id FROM person WHERE code = %(staff_code)s))
  AND (ended_at IS NULL OR ended_at > %(at)s);

-- open_of_code: how many of a person have not ended
SELECT count(*) AS count FROM role_grant JOIN person ON person.id = person_id
WHERE person.code = %(code)s AND ended_at IS NULL;

-- expired: those that are over and not ended yet
SELECT id, person_id, role, purpose, account_ids, begins_at, expires_at, bootstrap, granted_at, granted_by, approved_by,
       ended_at, ended_by, ended_because
FROM role_grant WHERE ended_at IS NULL AND expires_at <= %(now)s ORDER BY expires_at, id LIMIT %(limit)s;

-- ending: how many of people of the staff end before then, and when the first does
SELECT count(*) AS count, min(expires_at) AS since
FROM role_grant JOIN person ON person.id = role_grant.person_id
WHERE ended_at IS NULL AND expires_at < %(before)s AND person.state = 'active';

-- holders_of_role: who has a role now for all customers
SELECT DISTINCT person_id FROM role_grant
WHERE role = %(role)s AND account_ids IS NULL AND ended_at IS NULL AND begins_at <= %(now)s AND expires_at > %(now)s;

-- administrators_lost: when somebody who had the role last lost something that it takes, else when the first one came
WITH had AS (SELECT DISTINCT person_id FROM role_grant WHERE role = %(role)s),
lost (at) AS (
    SELECT least(ended_at, expires_at) FROM role_grant WHERE role = %(role)s
    UNION ALL SELECT least(ended_at, expires_at) FROM prerequisite JOIN had USING (person_id)
    UNION ALL SELECT revoked_at FROM passkey JOIN had USING (person_id)
)
SELECT coalesce(
    (SELECT max(at) FROM lost WHERE at <= %(now)s), (SELECT min(activated_at) FROM person)
) AS since;

-- of_who_left: how many grants have not ended of who has left
SELECT count(*) AS count FROM role_grant JOIN person ON person.id = role_grant.person_id
WHERE ended_at IS NULL AND person.state = 'left';

-- without_prerequisites: how many were given since then to somebody who lacked an undertaking or training at that time
SELECT count(*) AS count FROM role_grant AS given
WHERE NOT bootstrap AND granted_at >= %(since)s AND (
    SELECT count(DISTINCT kind) FROM prerequisite AS had
    WHERE had.person_id = given.person_id AND had.recorded_at <= given.granted_at AND had.expires_at > given.granted_at
      AND (had.ended_at IS NULL OR had.ended_at > given.granted_at)
) < 2;

-- forget: what ended before then
DELETE FROM role_grant WHERE id IN (SELECT id FROM role_grant WHERE ended_at < %(before)s LIMIT %(limit)s);
