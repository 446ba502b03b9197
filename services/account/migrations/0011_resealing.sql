-- What is sealed is sealed anew after a renewal of the data keys (ADR 0016): found by the oldest generation in a row.

CREATE INDEX account_sealed_under ON account (least(
    sealed_generation(name_sealed), sealed_generation(email_sealed), sealed_generation(phone_sealed),
    sealed_generation(org_number_sealed)), id);
CREATE INDEX account_user_sealed_under ON account_user (least(
    sealed_generation(name_sealed), sealed_generation(email_sealed), sealed_generation(phone_sealed),
    sealed_generation(new_email_sealed)), id);
CREATE INDEX former_address_sealed_under ON former_address (least(sealed_generation(email_sealed)), id);
CREATE INDEX login_attempt_sealed_under ON login_attempt (least(
    sealed_generation(ip_sealed), sealed_generation(user_agent_sealed)), id);
CREATE INDEX agreement_sealed_under ON agreement (least(sealed_generation(ip_sealed)), id);

GRANT UPDATE (email_sealed) ON former_address TO account;
