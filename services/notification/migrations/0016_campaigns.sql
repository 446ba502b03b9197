-- Campaigns: one letter that one may decline, by its words, to all who have agreed to its class.

CREATE TABLE campaign (
    id            uuid PRIMARY KEY,
    letter_class  text NOT NULL CHECK (letter_class IN ('marketing', 'product_news')),
    language      text CHECK (language IN ('nb', 'en')),
    subject_nb    text NOT NULL,
    text_nb       text NOT NULL,
    subject_en    text NOT NULL,
    text_en       text NOT NULL,
    state         text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'running', 'stopped', 'done')),
    drafted_by    text NOT NULL,
    drafted_at    timestamptz NOT NULL,
    requested_by  text,
    approved_by   text,
    started_at    timestamptz,
    chosen        integer NOT NULL DEFAULT 0,
    chosen_to     uuid,
    all_chosen_at timestamptz,
    ended_at      timestamptz
);
CREATE INDEX campaign_running ON campaign (started_at) WHERE state = 'running';
CREATE INDEX campaign_age ON campaign (drafted_at, id);
COMMENT ON TABLE campaign IS 'Campaigns with their words, which are the vendor''s own and name nobody (L27). Kept three years.';
COMMENT ON COLUMN campaign.id IS 'no_pii';
COMMENT ON COLUMN campaign.letter_class IS 'no_pii';
COMMENT ON COLUMN campaign.language IS 'no_pii';
COMMENT ON COLUMN campaign.subject_nb IS 'no_pii';
COMMENT ON COLUMN campaign.text_nb IS 'no_pii';
COMMENT ON COLUMN campaign.subject_en IS 'no_pii';
COMMENT ON COLUMN campaign.text_en IS 'no_pii';
COMMENT ON COLUMN campaign.state IS 'no_pii';
COMMENT ON COLUMN campaign.drafted_by IS 'pii:staff; erased: row deleted';
COMMENT ON COLUMN campaign.drafted_at IS 'no_pii';
COMMENT ON COLUMN campaign.requested_by IS 'pii:staff; erased: row deleted';
COMMENT ON COLUMN campaign.approved_by IS 'pii:staff; erased: row deleted';
COMMENT ON COLUMN campaign.started_at IS 'no_pii';
COMMENT ON COLUMN campaign.chosen IS 'no_pii';
COMMENT ON COLUMN campaign.chosen_to IS 'no_pii';
COMMENT ON COLUMN campaign.all_chosen_at IS 'no_pii';
COMMENT ON COLUMN campaign.ended_at IS 'no_pii';
GRANT SELECT, INSERT, DELETE ON campaign TO notification;
GRANT UPDATE (state, requested_by, approved_by, started_at, chosen, chosen_to, all_chosen_at, ended_at) ON campaign TO notification;

ALTER TABLE mailing ADD COLUMN campaign_id uuid;
ALTER TABLE letter ADD COLUMN campaign_id uuid;
CREATE INDEX letter_campaign ON letter (campaign_id, state) WHERE campaign_id IS NOT NULL;
COMMENT ON COLUMN mailing.campaign_id IS 'no_pii';
COMMENT ON COLUMN letter.campaign_id IS 'no_pii';
