-- What a thread is begun as: something for support, or what is a case from its beginning, with the thread's id.

ALTER TABLE support_thread ADD COLUMN kind text NOT NULL DEFAULT 'question' CHECK (kind IN ('question', 'complaint', 'enquiry'));
ALTER TABLE support_thread ALTER COLUMN kind DROP DEFAULT;
COMMENT ON COLUMN support_thread.kind IS 'no_pii';
