-- The dates that a letter about a notice of termination tells.

ALTER TABLE mailing ADD COLUMN noticed_on date, ADD COLUMN notice_ends_on date;
ALTER TABLE letter ADD COLUMN noticed_on date, ADD COLUMN notice_ends_on date;
COMMENT ON COLUMN mailing.noticed_on IS 'no_pii';
COMMENT ON COLUMN mailing.notice_ends_on IS 'no_pii';
COMMENT ON COLUMN letter.noticed_on IS 'no_pii';
COMMENT ON COLUMN letter.notice_ends_on IS 'no_pii';
