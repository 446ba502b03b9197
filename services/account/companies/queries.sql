-- Changes to a company, and the search for one.

-- update_account: change what is given, keep what is not; a new name or number is to be checked again
UPDATE account SET
    version = version + 1,
    language = coalesce(%(language)s, language),
    name_sealed = coalesce(%(name_sealed)s, name_sealed),
    email_sealed = coalesce(%(email_sealed)s, email_sealed),
    email_index = coalesce(%(email_index)s, email_index),
    phone_sealed = coalesce(%(phone_sealed)s, phone_sealed),
    name_index = coalesce(%(name_index)s, name_index),
    phone_index = coalesce(%(phone_index)s, phone_index),
    org_number_sealed = CASE WHEN %(set_org_number)s THEN %(org_number_sealed)s ELSE org_number_sealed END,
    contact_address_sealed = CASE WHEN %(set_contact_address)s THEN %(contact_address_sealed)s ELSE contact_address_sealed END,
    billing_address_sealed = CASE WHEN %(set_billing_address)s THEN %(billing_address_sealed)s ELSE billing_address_sealed END,
    org_number_index = CASE WHEN %(set_org_number)s THEN %(org_number_index)s ELSE org_number_index END,
    org_form = CASE WHEN %(set_org_number)s THEN NULL ELSE org_form END,
    register_outcome = coalesce(%(register_outcome)s, register_outcome),
    register_retry_at = CASE WHEN %(register_outcome)s::text IS NULL THEN register_retry_at ELSE %(register_retry_at)s END,
    register_attempts = CASE WHEN %(register_outcome)s::text IS NULL THEN register_attempts ELSE 0 END,
    review_reasons = CASE WHEN %(register_outcome)s::text = 'no_number' THEN '{}' ELSE review_reasons END
WHERE id = %(id)s;

-- search_accounts: a page by digest, id or the wish for a review; newest first
SELECT a.id AS account_id, a.state, a.version, a.register_outcome,
       a.review_reasons <> '{}' AS review_required, a.created_at, a.inactivated_at
FROM account a
WHERE (%(account_id)s::uuid IS NULL OR a.id = %(account_id)s)
  AND (%(reference)s::uuid IS NULL OR a.id = %(reference)s
       OR a.id = (SELECT u.account_id FROM account_user u WHERE u.id = %(reference)s))
  AND (%(org_number_index)s::bytea IS NULL OR a.org_number_index = %(org_number_index)s)
  AND (%(email_index)s::bytea IS NULL OR a.email_index = %(email_index)s
       OR EXISTS (SELECT 1 FROM account_user u WHERE u.account_id = a.id AND u.email_index = %(email_index)s))
  AND (%(name_index)s::bytea IS NULL OR a.name_index = %(name_index)s
       OR EXISTS (SELECT 1 FROM account_user u WHERE u.account_id = a.id AND u.name_index = %(name_index)s))
  AND (%(phone_index)s::bytea IS NULL OR a.phone_index = %(phone_index)s
       OR EXISTS (SELECT 1 FROM account_user u WHERE u.account_id = a.id AND u.phone_index = %(phone_index)s))
  AND (%(review_required)s::boolean IS NULL OR (a.review_reasons <> '{}') = %(review_required)s)
  AND (%(after_at)s::timestamptz IS NULL OR (a.created_at, a.id) < (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY a.created_at DESC, a.id DESC LIMIT %(limit)s;
