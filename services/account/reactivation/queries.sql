-- Making an account active again.

-- reactivate_account: take the link up again; much may have happened to the company, so the register is asked anew
UPDATE account SET state = 'active', version = version + 1, inactivated_at = NULL, inactivated_by = NULL,
                   reactivated_at = %(now)s, inactivation_reason = NULL,
                   register_retry_at = CASE WHEN org_number_sealed IS NOT NULL THEN %(now)s::timestamptz END
WHERE id = %(id)s;
