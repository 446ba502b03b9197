-- Copies of what is held: what each contributor handed out, and the file that it is made into, sealed until it is gone.

CREATE TABLE export (
    id             uuid PRIMARY KEY,
    account_id     uuid NOT NULL,
    user_id        uuid,
    asked_by       uuid NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('access', 'portability')),
    state          text NOT NULL CHECK (state IN ('collecting', 'ready')),
    asked_at       timestamptz NOT NULL,
    next_at        timestamptz NOT NULL,
    ready_at       timestamptz,
    package_bytes  bigint,
    package_sha256 text,
    chunks         integer,
    CHECK ((state = 'ready') = (ready_at IS NOT NULL)),
    CHECK ((ready_at IS NULL) = (package_bytes IS NULL) AND (ready_at IS NULL) = (package_sha256 IS NULL)
           AND (ready_at IS NULL) = (chunks IS NULL))
);
CREATE INDEX export_account ON export (account_id);
CREATE INDEX export_asked_by ON export (asked_by, asked_at);
CREATE INDEX export_collecting ON export (next_at) WHERE state = 'collecting';
CREATE INDEX export_age ON export (ready_at, asked_at);
COMMENT ON TABLE export IS 'Copies that users asked for. Without a user that of the company. Gone a week after it was ready, and with whom it is about.';
COMMENT ON COLUMN export.id IS 'no_pii';
COMMENT ON COLUMN export.account_id IS 'no_pii';
COMMENT ON COLUMN export.user_id IS 'no_pii';
COMMENT ON COLUMN export.asked_by IS 'no_pii';
COMMENT ON COLUMN export.kind IS 'no_pii';
COMMENT ON COLUMN export.state IS 'no_pii';
COMMENT ON COLUMN export.asked_at IS 'no_pii';
COMMENT ON COLUMN export.next_at IS 'no_pii';
COMMENT ON COLUMN export.ready_at IS 'no_pii';
COMMENT ON COLUMN export.package_bytes IS 'no_pii';
COMMENT ON COLUMN export.package_sha256 IS 'no_pii';
COMMENT ON COLUMN export.chunks IS 'no_pii';

CREATE TABLE export_part (
    export_id   uuid NOT NULL REFERENCES export ON DELETE CASCADE,
    contributor text NOT NULL,
    following   text,
    pages       integer NOT NULL DEFAULT 0 CHECK (pages >= 0),
    rows        bigint NOT NULL DEFAULT 0 CHECK (rows >= 0),
    is_done     boolean NOT NULL DEFAULT false,
    tries       integer NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL,
    PRIMARY KEY (export_id, contributor)
);
CREATE INDEX export_part_due ON export_part (next_at) WHERE NOT is_done;
COMMENT ON TABLE export_part IS 'What each contributor has handed out of a copy so far, and where its next page begins.';
COMMENT ON COLUMN export_part.export_id IS 'no_pii';
COMMENT ON COLUMN export_part.contributor IS 'no_pii';
COMMENT ON COLUMN export_part.following IS 'no_pii';
COMMENT ON COLUMN export_part.pages IS 'no_pii';
COMMENT ON COLUMN export_part.rows IS 'no_pii';
COMMENT ON COLUMN export_part.is_done IS 'no_pii';
COMMENT ON COLUMN export_part.tries IS 'no_pii';
COMMENT ON COLUMN export_part.next_at IS 'no_pii';

CREATE TABLE export_page (
    id          uuid PRIMARY KEY,
    export_id   uuid NOT NULL REFERENCES export ON DELETE CASCADE,
    account_id  uuid NOT NULL,
    user_id     uuid,
    contributor text NOT NULL,
    position    integer NOT NULL CHECK (position >= 0),
    page_sealed bytea NOT NULL,
    UNIQUE (export_id, contributor, position)
);
CREATE INDEX export_page_sealed_under ON export_page (least(sealed_generation(page_sealed)), id);
COMMENT ON TABLE export_page IS 'What was handed out for a copy, until the file is made of it.';
COMMENT ON COLUMN export_page.id IS 'no_pii';
COMMENT ON COLUMN export_page.export_id IS 'no_pii';
COMMENT ON COLUMN export_page.account_id IS 'no_pii';
COMMENT ON COLUMN export_page.user_id IS 'no_pii';
COMMENT ON COLUMN export_page.contributor IS 'no_pii';
COMMENT ON COLUMN export_page.position IS 'no_pii';
COMMENT ON COLUMN export_page.page_sealed IS 'pii:copy; erased: row deleted once the file is made, a week after it was asked for at the latest, or with whom it is about; key destroyed';

CREATE TABLE export_chunk (
    id           uuid PRIMARY KEY,
    export_id    uuid NOT NULL REFERENCES export ON DELETE CASCADE,
    account_id   uuid NOT NULL,
    user_id      uuid,
    position     integer NOT NULL CHECK (position >= 0),
    chunk_sealed bytea NOT NULL,
    UNIQUE (export_id, position)
);
CREATE INDEX export_chunk_sealed_under ON export_chunk (least(sealed_generation(chunk_sealed)), id);
COMMENT ON TABLE export_chunk IS 'The file of a copy, in pieces.';
COMMENT ON COLUMN export_chunk.id IS 'no_pii';
COMMENT ON COLUMN export_chunk.export_id IS 'no_pii';
COMMENT ON COLUMN export_chunk.account_id IS 'no_pii';
COMMENT ON COLUMN export_chunk.user_id IS 'no_pii';
COMMENT ON COLUMN export_chunk.position IS 'no_pii';
COMMENT ON COLUMN export_chunk.chunk_sealed IS 'pii:copy; erased: row deleted a week after the file was made, or with whom it is about; key destroyed';

CREATE TABLE export_download (
    digest       bytea PRIMARY KEY CHECK (length(digest) = 32),
    export_id    uuid NOT NULL REFERENCES export ON DELETE CASCADE,
    opened_until timestamptz NOT NULL
);
CREATE INDEX export_download_of ON export_download (export_id);
CREATE INDEX export_download_age ON export_download (opened_until);
COMMENT ON TABLE export_download IS 'Digests of tokens with which a file may be read for a quarter of an hour.';
COMMENT ON COLUMN export_download.digest IS 'no_pii';
COMMENT ON COLUMN export_download.export_id IS 'no_pii';
COMMENT ON COLUMN export_download.opened_until IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON export, export_page, export_chunk TO account;
GRANT SELECT, INSERT, UPDATE ON export_part TO account;
GRANT SELECT, INSERT, DELETE ON export_download TO account;
