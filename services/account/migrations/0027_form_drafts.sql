-- A form that somebody at a customer had filled in when their session ended. Unlogged: it is in no backup.

CREATE UNLOGGED TABLE form_draft (
    user_id    uuid NOT NULL,
    account_id uuid NOT NULL,
    path       text NOT NULL CHECK (path ~ '^(/[a-z0-9-]{1,64}){1,4}$'),
    sealed     bytea NOT NULL CHECK (length(sealed) BETWEEN 1 AND 49152),
    kept_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, path)
);
CREATE INDEX form_draft_account ON form_draft (account_id);
CREATE INDEX form_draft_kept ON form_draft (kept_at);
COMMENT ON TABLE form_draft IS 'What stood in a form when the session ended, for an hour. Only the browser that sent it can open it.';
COMMENT ON COLUMN form_draft.user_id IS 'no_pii';
COMMENT ON COLUMN form_draft.account_id IS 'no_pii';
COMMENT ON COLUMN form_draft.path IS 'no_pii';
COMMENT ON COLUMN form_draft.sealed IS 'pii:what somebody wrote in a form; erased: row deleted after an hour, and with the user or the account';
COMMENT ON COLUMN form_draft.kept_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON form_draft TO account;
