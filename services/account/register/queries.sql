-- The check against the business register.

-- number_is_shared: whether another account has the same organisation number
SELECT EXISTS (
    SELECT 1 FROM account WHERE org_number_index = %(org_number_index)s AND id <> %(id)s
) AS shared;

-- claim_register_checks: companies to ask the register about, put off so that no other replica asks meanwhile; of
-- those that may only be stored nothing is asked
UPDATE account SET register_retry_at = %(lease_until)s, register_attempts = register_attempts + 1
WHERE id IN (
    SELECT id FROM account WHERE is_due(register_retry_at, %(now)s, %(due)s) AND state = 'active'
        AND NOT is_kept(id, NULL, 'company')
    ORDER BY register_retry_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING id, version, name_sealed, org_number_sealed, org_number_index, register_attempts;

-- checks_overdue: companies that the register should have been asked about before then, but for what is only stored
SELECT count(*) AS count FROM account
WHERE state = 'active' AND register_retry_at < %(before)s AND NOT is_kept(id, NULL, 'company');

-- put_off_register_check: the register did not answer; ask again then
UPDATE account SET register_retry_at = %(retry_at)s WHERE id = %(id)s AND version = %(version)s AND state = 'active';

-- save_register_check: what the register said, unless the company was changed meanwhile
UPDATE account SET version = version + 1, register_outcome = %(outcome)s, org_form = %(org_form)s,
                   register_checked_at = %(now)s, register_retry_at = %(retry_at)s, register_attempts = 0,
                   review_reasons = %(review_reasons)s,
                   may_instruct_since = CASE WHEN %(outcome)s = 'bankrupt' THEN may_instruct_since END
WHERE id = %(id)s AND version = %(version)s AND state = 'active'
RETURNING version;

-- confirm_register_check: the register says what it said before; true where that is so and the company is unchanged
UPDATE account SET register_checked_at = %(now)s, register_retry_at = %(retry_at)s, register_attempts = 0
WHERE id = %(id)s AND version = %(version)s AND state = 'active' AND register_outcome = %(outcome)s
  AND org_form IS NOT DISTINCT FROM %(org_form)s AND review_reasons = %(review_reasons)s
RETURNING version;
