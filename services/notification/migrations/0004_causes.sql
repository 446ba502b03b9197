-- What brought a letter about, since when and until when; and the reminder of a company and of one person apart.

ALTER TABLE mailing ADD COLUMN happened_at timestamptz, ADD COLUMN started_on date, ADD COLUMN review_on date,
                    ADD COLUMN cause text;
ALTER TABLE letter ADD COLUMN started_on date, ADD COLUMN review_on date, ADD COLUMN cause text;
COMMENT ON COLUMN mailing.happened_at IS 'no_pii';
COMMENT ON COLUMN mailing.started_on IS 'no_pii';
COMMENT ON COLUMN mailing.review_on IS 'no_pii';
COMMENT ON COLUMN mailing.cause IS 'no_pii';
COMMENT ON COLUMN letter.started_on IS 'no_pii';
COMMENT ON COLUMN letter.review_on IS 'no_pii';
COMMENT ON COLUMN letter.cause IS 'no_pii';

UPDATE mailing SET letter = 'account_reminder' WHERE letter = 'erasure_reminder';
UPDATE letter SET letter = CASE WHEN mailing_id IS NULL THEN 'user_reminder' ELSE 'account_reminder' END
WHERE letter = 'erasure_reminder';
