-- Making an account inactive.

-- deactivate_account: cut the link
UPDATE account SET state = 'inactive', version = version + 1, inactivated_at = %(now)s, inactivated_by = %(by)s,
                   inactivation_reason = %(reason)s, blocked_at = NULL, block_reason = NULL, register_retry_at = NULL,
                   sign_up_network = NULL
WHERE id = %(id)s;
