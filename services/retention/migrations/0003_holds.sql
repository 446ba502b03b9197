-- Holds (L59, L204) and restrictions (L39), and what an erasure kept because of them. Ids, dates and codes.

CREATE TABLE hold (
    id              uuid PRIMARY KEY,
    account_id      uuid NOT NULL,
    user_ids        uuid[] NOT NULL,
    categories      text[] NOT NULL,
    reason          text NOT NULL,
    case_ref        text NOT NULL CHECK (case_ref ~ '^[a-z]{3,6}-20[0-9]{2}-[0-9]{1,5}$'),
    owner           text NOT NULL,
    requested_by    text NOT NULL,
    approved_by     text NOT NULL,
    starts_on       date NOT NULL,
    review_on       date NOT NULL,
    placed_at       timestamptz NOT NULL,
    as_of           timestamptz NOT NULL,
    overdue_told_on date,
    overdue_told    integer NOT NULL DEFAULT 0,
    released_at     timestamptz,
    released_by     text,
    release_reason  text,
    CHECK (approved_by <> requested_by),
    CHECK ((released_at IS NULL) = (released_by IS NULL) AND (released_at IS NULL) = (release_reason IS NULL))
);
CREATE INDEX hold_account ON hold (account_id);
CREATE INDEX hold_review ON hold (review_on) WHERE released_at IS NULL;
CREATE INDEX hold_released ON hold (released_at) WHERE released_at IS NOT NULL;
COMMENT ON TABLE hold IS 'What must be kept for a dispute, by whose decision, and when a person looks at it again. Without users the whole account, without categories everything. Kept half a year after its release.';
COMMENT ON COLUMN hold.id IS 'no_pii';
COMMENT ON COLUMN hold.account_id IS 'no_pii';
COMMENT ON COLUMN hold.user_ids IS 'no_pii';
COMMENT ON COLUMN hold.categories IS 'no_pii';
COMMENT ON COLUMN hold.reason IS 'no_pii';
COMMENT ON COLUMN hold.case_ref IS 'no_pii';
COMMENT ON COLUMN hold.owner IS 'pii:staff; erased: row deleted half a year after the release';
COMMENT ON COLUMN hold.requested_by IS 'pii:staff; erased: row deleted half a year after the release';
COMMENT ON COLUMN hold.approved_by IS 'pii:staff; erased: row deleted half a year after the release';
COMMENT ON COLUMN hold.starts_on IS 'no_pii';
COMMENT ON COLUMN hold.review_on IS 'no_pii';
COMMENT ON COLUMN hold.placed_at IS 'no_pii';
COMMENT ON COLUMN hold.as_of IS 'no_pii';
COMMENT ON COLUMN hold.overdue_told_on IS 'no_pii';
COMMENT ON COLUMN hold.overdue_told IS 'no_pii';
COMMENT ON COLUMN hold.released_at IS 'no_pii';
COMMENT ON COLUMN hold.released_by IS 'pii:staff; erased: row deleted half a year after the release';
COMMENT ON COLUMN hold.release_reason IS 'no_pii';

CREATE TABLE restriction (
    id              uuid PRIMARY KEY,
    account_id      uuid NOT NULL,
    user_id         uuid,
    ground          text NOT NULL CHECK (ground IN ('a', 'b', 'c', 'd')),
    requested_on    date NOT NULL,
    set_by          text NOT NULL,
    set_at          timestamptz NOT NULL,
    announced_at    timestamptz,
    announcement_id uuid,
    told_at         timestamptz,
    told_by         text,
    lifted_at       timestamptz,
    lifted_by       text,
    CHECK ((told_at IS NULL) = (told_by IS NULL)),
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);
CREATE INDEX restriction_account ON restriction (account_id);
CREATE INDEX restriction_set ON restriction (set_at) WHERE lifted_at IS NULL;
CREATE INDEX restriction_announced ON restriction (announcement_id) WHERE announcement_id IS NOT NULL;
CREATE INDEX restriction_lifted ON restriction (lifted_at) WHERE lifted_at IS NOT NULL;
COMMENT ON TABLE restriction IS 'Restrictions of GDPR article 18, of one person or a whole account, and when the person was told of the end. Kept half a year after it.';
COMMENT ON COLUMN restriction.id IS 'no_pii';
COMMENT ON COLUMN restriction.account_id IS 'no_pii';
COMMENT ON COLUMN restriction.user_id IS 'no_pii';
COMMENT ON COLUMN restriction.ground IS 'no_pii';
COMMENT ON COLUMN restriction.requested_on IS 'no_pii';
COMMENT ON COLUMN restriction.set_by IS 'pii:staff; erased: row deleted half a year after the end';
COMMENT ON COLUMN restriction.set_at IS 'no_pii';
COMMENT ON COLUMN restriction.announced_at IS 'no_pii';
COMMENT ON COLUMN restriction.announcement_id IS 'no_pii';
COMMENT ON COLUMN restriction.told_at IS 'no_pii';
COMMENT ON COLUMN restriction.told_by IS 'pii:staff; erased: row deleted half a year after the end';
COMMENT ON COLUMN restriction.lifted_at IS 'no_pii';
COMMENT ON COLUMN restriction.lifted_by IS 'pii:staff; erased: row deleted half a year after the end';

ALTER TABLE erasure ADD COLUMN held jsonb;
ALTER TABLE erasure ADD COLUMN held_by uuid[] NOT NULL DEFAULT '{}';
ALTER TABLE erasure ADD COLUMN kept_back boolean NOT NULL DEFAULT false;
ALTER TABLE erasure ADD COLUMN followed_up boolean NOT NULL DEFAULT false;
ALTER TABLE erasure ADD COLUMN resumed_on date;
ALTER TABLE erasure ADD COLUMN completes uuid;
CREATE INDEX erasure_partial ON erasure (account_id) WHERE state = 'certified' AND kept_back AND NOT followed_up;
COMMENT ON COLUMN erasure.held IS 'no_pii';
COMMENT ON COLUMN erasure.held_by IS 'no_pii';
COMMENT ON COLUMN erasure.kept_back IS 'no_pii';
COMMENT ON COLUMN erasure.followed_up IS 'no_pii';
COMMENT ON COLUMN erasure.resumed_on IS 'no_pii';
COMMENT ON COLUMN erasure.completes IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON hold, restriction TO retention;
