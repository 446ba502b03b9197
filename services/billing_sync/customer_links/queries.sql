-- Which customer and contacts at Tripletex are ours. Every query has a name and a sentence.

-- link: which customer is ours
SELECT account_id, customer_number, tripletex_id, content_hash, state, synced_at, minimised_at, bookkeeping_until
FROM customer_link WHERE account_id = %(account_id)s;

-- reserve: our own number for the account, kept before the first call so that a lost answer can be looked up
INSERT INTO customer_link (account_id, customer_number, state)
VALUES (%(account_id)s, nextval('customer_number'), 'linked') ON CONFLICT (account_id) DO NOTHING;

-- synced: Tripletex has what the account says
UPDATE customer_link SET tripletex_id = %(tripletex_id)s, content_hash = %(content_hash)s, synced_at = %(now)s
WHERE account_id = %(account_id)s AND state = 'linked';

-- contacts: which contact is which user, or by which digest it is recognised where its id was never heard
SELECT user_id, tripletex_id, expected FROM contact_link WHERE account_id = %(account_id)s;

-- keep_contact: this contact is this user; without an id yet, it is about to be made
INSERT INTO contact_link (account_id, user_id, tripletex_id, expected)
VALUES (%(account_id)s, %(user_id)s, %(tripletex_id)s, %(expected)s)
ON CONFLICT (account_id, user_id) DO UPDATE
SET tripletex_id = EXCLUDED.tripletex_id, expected = EXCLUDED.expected;

-- drop_contact: this user has no contact any more
DELETE FROM contact_link WHERE account_id = %(account_id)s AND user_id = %(user_id)s;

-- drop_contacts: no user of the account has a contact any more, but for those whose contact is held
DELETE FROM contact_link WHERE account_id = %(account_id)s AND user_id <> ALL (%(held_users)s::uuid[]);

-- keep_minimised: bookkeeping stays at Tripletex until that day
UPDATE customer_link SET state = 'minimised', minimised_at = %(now)s, content_hash = NULL,
    bookkeeping_until = %(bookkeeping_until)s WHERE account_id = %(account_id)s;

-- drop_link: nothing of the account is left
DELETE FROM customer_link WHERE account_id = %(account_id)s;

-- expired_links: bookkeeping has ended
DELETE FROM customer_link WHERE state = 'minimised' AND bookkeeping_until < %(today)s;

-- unchecked: links not compared for a day, for the nightly comparison
SELECT account_id FROM customer_link
WHERE state = 'linked' AND is_due(synced_at, %(before)s, %(reconcile_after)s)
  AND NOT EXISTS (SELECT 1 FROM job WHERE job.account_id = customer_link.account_id AND job.kind = 'sync')
ORDER BY synced_at LIMIT %(limit)s;
