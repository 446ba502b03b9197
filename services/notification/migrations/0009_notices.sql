-- Letters about breaches of personal data: which notice a letter tells. What it says stands with the case.

ALTER TABLE mailing ADD COLUMN notice_id uuid;
ALTER TABLE letter ADD COLUMN notice_id uuid;
COMMENT ON COLUMN mailing.notice_id IS 'no_pii';
COMMENT ON COLUMN letter.notice_id IS 'no_pii';
