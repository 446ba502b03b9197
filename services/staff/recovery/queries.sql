-- Recovery codes, kept by their digests.

-- drop_codes: none of a person's codes works any more
DELETE FROM recovery_code WHERE person_id = %(person_id)s RETURNING set_id;

-- add_code: a code by its digest
INSERT INTO recovery_code (id, set_id, person_id, digest, made_at)
VALUES (%(id)s, %(set_id)s, %(person_id)s, %(digest)s, %(now)s);

-- code_of_digest: a person's code that was not used
SELECT id, set_id FROM recovery_code WHERE person_id = %(person_id)s AND digest = %(digest)s;

-- use_code: it works no more
DELETE FROM recovery_code WHERE person_id = %(person_id)s AND digest = %(digest)s RETURNING id, set_id;

-- drop: those codes work no more
DELETE FROM recovery_code c USING person p
WHERE p.id = c.person_id
  AND (%(code_id)s::uuid IS NULL OR c.id = %(code_id)s) AND (%(set_id)s::uuid IS NULL OR c.set_id = %(set_id)s)
  AND (%(staff_code)s::text IS NULL OR p.code = %(staff_code)s)
  AND (%(but_set)s::uuid IS NULL OR c.set_id <> %(but_set)s)
  AND (%(made_by)s::timestamptz IS NULL OR c.made_at <= %(made_by)s);

-- count_any: how many of those codes work
SELECT count(*) AS count FROM recovery_code c JOIN person p ON p.id = c.person_id
WHERE (%(code_id)s::uuid IS NULL OR c.id = %(code_id)s) AND (%(set_id)s::uuid IS NULL OR c.set_id = %(set_id)s)
  AND (%(staff_code)s::text IS NULL OR p.code = %(staff_code)s)
  AND (%(but_set)s::uuid IS NULL OR c.set_id <> %(but_set)s)
  AND (%(made_by)s::timestamptz IS NULL OR c.made_at <= %(made_by)s);

-- codes_left: how many codes a person has not used
SELECT count(*) AS left, min(made_at) AS made_at FROM recovery_code WHERE person_id = %(person_id)s;
