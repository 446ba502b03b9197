-- Bringing a database that was set back up to the facts of the ledger.

-- copied: a job that would copy the account
SELECT 1 FROM job WHERE account_id = %(account_id)s AND %(user_id)s::uuid IS NULL AND kind = 'sync' LIMIT 1;

-- to_be_minimised: a job that minimises the account, or the user
SELECT 1 FROM job
WHERE account_id = %(account_id)s AND kind = 'minimise' AND user_id IS NOT DISTINCT FROM %(user_id)s LIMIT 1;

-- linked: the user's contact, or the account's customer that was not minimised or has a contact that is not held
SELECT 1 FROM contact_link WHERE account_id = %(account_id)s AND user_id = %(user_id)s
UNION ALL
SELECT 1 FROM customer_link
WHERE account_id = %(account_id)s AND %(user_id)s::uuid IS NULL
  AND (state = 'linked' OR EXISTS (
      SELECT FROM contact_link AS c
      WHERE c.account_id = customer_link.account_id AND NOT is_kept(c.account_id, c.user_id, 'billing_copy')
  )) LIMIT 1;

-- any_link: whether there is one at all
SELECT 1 FROM customer_link LIMIT 1;
