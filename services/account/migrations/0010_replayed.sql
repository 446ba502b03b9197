-- How far the ledger's facts have been made true again in a row that a backup had set back. Facts of several kinds
-- reach the ledger by several queues, so the version of the row alone does not say which of them it has seen.

CREATE TABLE replayed (
    subject_id     uuid PRIMARY KEY,
    account_id     uuid NOT NULL,
    user_id        uuid,
    base_version   integer NOT NULL,
    raised_to      integer NOT NULL CHECK (raised_to > base_version),
    state_version  integer NOT NULL DEFAULT 0,
    notice_version integer NOT NULL DEFAULT 0
);
CREATE INDEX replayed_account ON replayed (account_id);
COMMENT ON TABLE replayed IS 'Versions that a row lost with a restore, and which change of each kind was the last made true again.';
COMMENT ON COLUMN replayed.subject_id IS 'no_pii';
COMMENT ON COLUMN replayed.account_id IS 'no_pii';
COMMENT ON COLUMN replayed.user_id IS 'no_pii';
COMMENT ON COLUMN replayed.base_version IS 'no_pii';
COMMENT ON COLUMN replayed.raised_to IS 'no_pii';
COMMENT ON COLUMN replayed.state_version IS 'no_pii';
COMMENT ON COLUMN replayed.notice_version IS 'no_pii';

ALTER TABLE lost_correction ADD COLUMN version integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN lost_correction.version IS 'no_pii';
CREATE UNIQUE INDEX lost_correction_once ON lost_correction (coalesce(user_id, account_id), version);

GRANT SELECT, INSERT, UPDATE, DELETE ON replayed TO account;
