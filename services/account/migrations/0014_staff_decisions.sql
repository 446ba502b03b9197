-- Who may instruct for a company, and what staff did before they made one inactive.

ALTER TABLE account ADD COLUMN blocked_at timestamptz;
ALTER TABLE account ADD COLUMN block_reason text;
ALTER TABLE account ADD COLUMN inactivation_reason text;
ALTER TABLE account ADD COLUMN may_instruct_since timestamptz;
ALTER TABLE account ADD CHECK ((blocked_at IS NULL) = (block_reason IS NULL));
COMMENT ON COLUMN account.blocked_at IS 'no_pii';
COMMENT ON COLUMN account.block_reason IS 'no_pii';
COMMENT ON COLUMN account.inactivation_reason IS 'no_pii';
COMMENT ON COLUMN account.may_instruct_since IS 'no_pii';
CREATE INDEX account_blocked ON account (blocked_at) WHERE blocked_at IS NOT NULL;

CREATE TABLE contact_attempt (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL,
    channel      text NOT NULL CHECK (channel IN ('email', 'phone', 'letter', 'in_person')),
    outcome      text NOT NULL CHECK (outcome IN ('no_answer', 'not_reached', 'answered', 'disputed')),
    attempted_on date NOT NULL,
    actor        text NOT NULL,
    recorded_at  timestamptz NOT NULL
);
CREATE INDEX contact_attempt_account ON contact_attempt (account_id, attempted_on);
COMMENT ON TABLE contact_attempt IS 'Attempts of staff to reach a customer before a decision on suspicion (L160).';
COMMENT ON COLUMN contact_attempt.id IS 'no_pii';
COMMENT ON COLUMN contact_attempt.account_id IS 'no_pii';
COMMENT ON COLUMN contact_attempt.channel IS 'no_pii';
COMMENT ON COLUMN contact_attempt.outcome IS 'no_pii';
COMMENT ON COLUMN contact_attempt.attempted_on IS 'no_pii';
COMMENT ON COLUMN contact_attempt.actor IS 'pii:staff; erased: row deleted with the account';
COMMENT ON COLUMN contact_attempt.recorded_at IS 'no_pii';

GRANT SELECT, INSERT, DELETE ON contact_attempt TO account;
GRANT SELECT ON contact_attempt TO desk;
-- Companies that the register has answered for are asked about again: one goes bankrupt after it signed up.
UPDATE account SET register_retry_at = register_checked_at + interval '7 days'
WHERE state = 'active' AND org_number_sealed IS NOT NULL AND register_retry_at IS NULL
  AND register_checked_at IS NOT NULL;
