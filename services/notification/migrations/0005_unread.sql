-- What could not be understood of a webhook that was signed: names of fields, and values that can name nobody.

ALTER TABLE webhook ADD COLUMN unread text;
COMMENT ON COLUMN webhook.unread IS 'no_pii';
