-- A kept reply belongs to whoever asked, and answers the request it was given to and no other.

DELETE FROM command_reply; -- of what was kept before nobody knows whose it is
ALTER TABLE command_reply
    ADD COLUMN scope text NOT NULL DEFAULT '',
    ADD COLUMN request_digest bytea CHECK (octet_length(request_digest) = 32),
    DROP CONSTRAINT command_reply_pkey,
    ADD PRIMARY KEY (method, scope, key);
COMMENT ON COLUMN command_reply.scope IS 'no_pii'; -- who asked, as ids: process, actor, account
COMMENT ON COLUMN command_reply.request_digest IS 'no_pii'; -- keyed by a secret that is not in this database
