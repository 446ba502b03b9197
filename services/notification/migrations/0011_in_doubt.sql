-- Letters about a breach of which nobody knows, after a restore, whether they have left: the provider is asked first.

ALTER TABLE mailing ADD COLUMN in_doubt boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN mailing.in_doubt IS 'no_pii';
CREATE INDEX mailing_of_notice ON mailing (notice_id) WHERE notice_id IS NOT NULL;
CREATE INDEX letter_of_notice ON letter (notice_id) WHERE notice_id IS NOT NULL;

-- What a restore from a backup calls with the owner's rights, before anybody is served: what waits may have left since.
CREATE FUNCTION after_restore() RETURNS void LANGUAGE sql AS $$
    UPDATE mailing SET in_doubt = true WHERE notice_id IS NOT NULL AND state = 'pending';
    UPDATE letter SET state = 'unknown', reason = 'restored', due_at = requested_at, lease_until = NULL
    WHERE notice_id IS NOT NULL AND state IN ('pending', 'sending');
$$;
REVOKE ALL ON FUNCTION after_restore() FROM PUBLIC;
