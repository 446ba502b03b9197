-- States of users.

-- set_user_state: deactivate or reactivate one user
UPDATE account_user SET state = %(state)s, version = version + 1, inactivated_at = %(inactivated_at)s,
                        inactivated_by = %(inactivated_by)s
WHERE id = %(id)s
RETURNING version, state;
