-- Digests for rows of before: what is sealed is opened by the service, and found by its digests from then on.

-- companies: those that are found by no name or number yet, from an id on
SELECT id, name_sealed, phone_sealed FROM account
WHERE (name_index IS NULL OR phone_index IS NULL) AND name_sealed <> '' AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- people: the same of users
SELECT id, account_id, name_sealed, phone_sealed FROM account_user
WHERE (name_index IS NULL OR phone_index IS NULL) AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;

-- put_of_company: the digests of what is sealed there still
UPDATE account SET name_index = %(name_index)s, phone_index = %(phone_index)s
WHERE id = %(id)s AND name_sealed = %(name_sealed)s AND phone_sealed = %(phone_sealed)s;

-- put_of_person: the same of a user
UPDATE account_user SET name_index = %(name_index)s, phone_index = %(phone_index)s
WHERE id = %(id)s AND name_sealed = %(name_sealed)s AND phone_sealed = %(phone_sealed)s;
