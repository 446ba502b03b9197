-- Where people of the staff are called.

-- put: the address of a person; a newer one takes its place, and that of before is kept a while, whatever follows
INSERT INTO contact AS c (person_id, email, language, set_at, set_by)
VALUES (%(person_id)s, %(email)s, %(language)s, %(now)s, %(by)s)
ON CONFLICT (person_id) DO UPDATE
SET email = EXCLUDED.email, language = EXCLUDED.language, set_at = EXCLUDED.set_at, set_by = EXCLUDED.set_by,
    former_email = CASE WHEN c.email = EXCLUDED.email OR c.replaced_at > %(since)s THEN c.former_email ELSE c.email END,
    replaced_at = CASE WHEN c.email = EXCLUDED.email OR c.replaced_at > %(since)s THEN c.replaced_at ELSE %(now)s END;

-- of_code: the address of somebody active, and the one before where it was replaced lately
SELECT c.email, c.language, CASE WHEN c.replaced_at > %(since)s AND c.former_email <> c.email THEN c.former_email END AS former_email
FROM contact AS c JOIN person AS p ON p.id = c.person_id
WHERE p.code = %(code)s AND p.state = 'active';

-- has_address: whether somebody active has one
SELECT 1 FROM contact JOIN person ON person.id = person_id WHERE person.code = %(code)s AND person.state = 'active';

-- forget_replaced: addresses that were replaced long ago
UPDATE contact SET former_email = NULL, replaced_at = NULL WHERE replaced_at <= %(before)s OR replaced_at > %(ahead)s;

-- reachable: who is active and has an address
SELECT p.code FROM contact AS c JOIN person AS p ON p.id = c.person_id WHERE p.state = 'active' ORDER BY p.code;

-- case_viewers: which of these are active and have one of the roles now or by then, for all customers
SELECT DISTINCT p.code FROM role_grant AS g JOIN person AS p ON p.id = g.person_id
WHERE p.code = ANY(%(codes)s) AND g.role = ANY(%(roles)s) AND g.ended_at IS NULL AND g.begins_at <= %(by)s
  AND g.expires_at > %(now)s AND g.account_ids IS NULL AND p.state = 'active'
ORDER BY p.code;

-- holders: who is active and has a role now, for all customers: a case may be about any of them
SELECT DISTINCT p.code FROM role_grant AS g JOIN person AS p ON p.id = g.person_id
WHERE g.role = %(role)s AND g.ended_at IS NULL AND g.begins_at <= %(now)s AND g.expires_at > %(now)s
  AND g.account_ids IS NULL AND p.state = 'active'
ORDER BY p.code;

-- leads: those with the role, since when, and whether they have an address
SELECT p.code, min(g.begins_at) AS since, EXISTS (SELECT FROM contact AS c WHERE c.person_id = p.id) AS reached
FROM role_grant AS g JOIN person AS p ON p.id = g.person_id
WHERE g.role = %(role)s AND g.ended_at IS NULL AND g.begins_at <= %(now)s AND g.expires_at > %(now)s
  AND g.account_ids IS NULL AND p.state = 'active'
GROUP BY p.id, p.code;

-- forget: the address of a person
DELETE FROM contact WHERE person_id = %(person_id)s;

-- forget_former: addresses of whoever has left, as a restore may have brought them back
DELETE FROM contact USING person WHERE person.id = contact.person_id AND person.state = 'left';
