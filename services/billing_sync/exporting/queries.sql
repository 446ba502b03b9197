-- What billing-sync hands out for copies. Every query has a name and a sentence.

-- contacts: whether one user is a contact at Tripletex
SELECT c.user_id::text AS place, c.tripletex_id, l.customer_number, l.synced_at
FROM contact_link AS c JOIN customer_link AS l ON l.account_id = c.account_id
WHERE c.account_id = %(account_id)s AND c.user_id = %(user_id)s::uuid
  AND (%(after)s::uuid IS NULL OR c.user_id > %(after)s)
ORDER BY c.user_id LIMIT %(limit)s;

-- customer: the company as a customer at Tripletex
SELECT account_id::text AS place, customer_number, tripletex_id, state, synced_at, minimised_at, bookkeeping_until
FROM customer_link
WHERE account_id = %(account_id)s AND %(user_id)s::uuid IS NULL AND (%(after)s::uuid IS NULL OR account_id > %(after)s)
ORDER BY account_id LIMIT %(limit)s;

-- told: what was corrected of one user, or of the company, and when Tripletex got it
SELECT id::text AS place, recipient, fields, opened_at, closed_at, outcome FROM recipient_task
WHERE account_id = %(account_id)s AND user_id IS NOT DISTINCT FROM %(user_id)s::uuid
  AND (%(after)s::uuid IS NULL OR id > %(after)s)
ORDER BY id LIMIT %(limit)s;
