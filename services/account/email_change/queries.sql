-- New addresses, and those that were replaced.

-- take_new_address: the confirmed new address replaces the old one
UPDATE account_user SET version = version + 1, email_sealed = %(email_sealed)s, email_index = new_email_index,
                        new_email_sealed = NULL, new_email_index = NULL, email_confirmed_at = %(now)s
WHERE id = %(id)s
RETURNING version;

-- keep_former_address: the address that was replaced, for the letter that tells it
INSERT INTO former_address (id, user_id, account_id, email_sealed, replaced_at)
VALUES (%(id)s, %(user_id)s, %(account_id)s, %(email_sealed)s, %(now)s);

-- former_address: one of this user; whoever fetches it waits for others who do
SELECT id, user_id, account_id, email_sealed, replaced_at, fetched_at FROM former_address
WHERE id = %(id)s AND user_id = %(user_id)s FOR UPDATE;

-- note_fetch: the letter to it is being written
UPDATE former_address SET fetched_at = %(now)s WHERE id = %(id)s;

-- expire_former_addresses: replaced addresses whose letter was written, or could not be
DELETE FROM former_address WHERE id IN (
    SELECT id FROM former_address WHERE replaced_at <= %(replaced_before)s OR fetched_at <= %(fetched_before)s LIMIT %(limit)s
);
