-- Where a company is reached on paper, and where invoices go (L17, L142-144): given at sign-up or later.

ALTER TABLE account ADD COLUMN contact_address_sealed bytea, ADD COLUMN billing_address_sealed bytea;
COMMENT ON COLUMN account.contact_address_sealed IS
    'pii:postal address; erased: row deleted, key of the company destroyed';
COMMENT ON COLUMN account.billing_address_sealed IS
    'pii:postal address; erased: row deleted, key of the company destroyed';

DROP INDEX account_sealed_under;
CREATE INDEX account_sealed_under ON account (least(
    sealed_generation(name_sealed), sealed_generation(email_sealed), sealed_generation(phone_sealed),
    sealed_generation(org_number_sealed), sealed_generation(contact_address_sealed),
    sealed_generation(billing_address_sealed)), id);
