-- A letter's link by which an owner takes up again what the customer made inactive.

ALTER TABLE ticket DROP CONSTRAINT ticket_kind_check;
ALTER TABLE ticket ADD CONSTRAINT ticket_kind_check
    CHECK (kind IN ('confirmation', 'address_change', 'invitation', 'password_reset', 'notice', 'reactivation'));
