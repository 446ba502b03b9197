-- When somebody was told last that a reply by mail was not taken: once a day, whoever writes how often.

ALTER TABLE support_thread ADD COLUMN declined_at timestamptz;
COMMENT ON COLUMN support_thread.declined_at IS 'no_pii';
GRANT UPDATE (declined_at) ON support_thread TO account;
