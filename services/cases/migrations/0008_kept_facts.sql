-- What the ledger has of cases, lists and notices: so that after a restore each affected is told exactly once.

CREATE TABLE fact_kept (
    about   uuid NOT NULL,
    part    integer NOT NULL CHECK (part >= 0),
    case_id uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (about, part)
);
CREATE INDEX fact_kept_of_case ON fact_kept (case_id);
COMMENT ON TABLE fact_kept IS 'Facts that the ledger has, of what others follow: a case, a part of a list, a notice.';
COMMENT ON COLUMN fact_kept.about IS 'no_pii';
COMMENT ON COLUMN fact_kept.part IS 'no_pii';
COMMENT ON COLUMN fact_kept.case_id IS 'no_pii';
COMMENT ON COLUMN fact_kept.kept_at IS 'no_pii';

INSERT INTO fact_kept (about, part, case_id, kept_at) SELECT id, 0, id, opened_at FROM case_file;

CREATE TABLE fact_put_off (
    position bigint PRIMARY KEY,
    turn     text NOT NULL,
    line     bytea NOT NULL
);
CREATE INDEX fact_put_off_turn ON fact_put_off (turn, position);
COMMENT ON TABLE fact_put_off IS 'Lines of the ledger until all that was written is read: they come in any order, and are made true as they happened.';
COMMENT ON COLUMN fact_put_off.position IS 'no_pii';
COMMENT ON COLUMN fact_put_off.turn IS 'no_pii';
COMMENT ON COLUMN fact_put_off.line IS 'pii:staff; erased: row deleted as the fact is made true';

-- A fact about a list or a notice may come before the one about its decision.
ALTER TABLE affected_list DROP CONSTRAINT affected_list_decision_id_fkey;
ALTER TABLE breach_notice DROP CONSTRAINT breach_notice_decision_id_fkey;

ALTER TABLE affected_list
    ADD COLUMN parts integer CHECK (parts >= 1),
    ADD COLUMN parts_told integer NOT NULL DEFAULT 0 CHECK (parts_told >= 0);
CREATE INDEX affected_list_untold ON affected_list (asked_at) WHERE decision_id IS NOT NULL AND parts_told < parts;
COMMENT ON COLUMN affected_list.parts IS 'no_pii';
COMMENT ON COLUMN affected_list.parts_told IS 'no_pii';
ALTER TABLE affected_subject ADD COLUMN part integer CHECK (part >= 0);
CREATE INDEX affected_subject_part ON affected_subject (list_id, part);
COMMENT ON COLUMN affected_subject.part IS 'no_pii';

ALTER TABLE breach_notice
    ADD COLUMN is_told boolean NOT NULL DEFAULT false,
    ADD COLUMN restored_at timestamptz;
CREATE INDEX breach_notice_untold ON breach_notice (decided_at) WHERE decision_id IS NOT NULL AND NOT is_told;
COMMENT ON COLUMN breach_notice.is_told IS 'no_pii';
COMMENT ON COLUMN breach_notice.restored_at IS 'no_pii';

ALTER TABLE notice_recipient ADD COLUMN asked_at timestamptz;
COMMENT ON COLUMN notice_recipient.asked_at IS 'no_pii';

CREATE TABLE recipient_mark (
    recipient_id uuid NOT NULL REFERENCES notice_recipient ON DELETE CASCADE,
    mark         text NOT NULL CHECK (mark IN ('sent', 'told', 'failed')),
    PRIMARY KEY (recipient_id, mark)
);
COMMENT ON TABLE recipient_mark IS 'How far the telling of recipients has come, until it is on its way to the ledger.';
COMMENT ON COLUMN recipient_mark.recipient_id IS 'no_pii';
COMMENT ON COLUMN recipient_mark.mark IS 'no_pii';

GRANT SELECT, INSERT ON fact_kept TO cases;
GRANT SELECT, INSERT, DELETE ON fact_put_off, recipient_mark TO cases;
GRANT UPDATE (parts, parts_told) ON affected_list TO cases;
GRANT UPDATE (is_told, restored_at) ON breach_notice TO cases;
GRANT UPDATE (asked_at) ON notice_recipient TO cases;

-- What a restore from a backup calls with the owner's rights, before anybody is served: letters may have left since.
CREATE FUNCTION after_restore() RETURNS void LANGUAGE sql AS $$
    UPDATE breach_notice SET restored_at = decided_at WHERE decision_id IS NOT NULL AND restored_at IS NULL;
$$;
REVOKE ALL ON FUNCTION after_restore() FROM PUBLIC;
