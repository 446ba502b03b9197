-- Companies, their users, how they log in, and what they agreed to.
-- Whatever can be read as a person or a company is sealed; look-ups go through keyed digests.

CREATE TABLE account (
    id                  uuid PRIMARY KEY,
    state               text NOT NULL CHECK (state IN ('active', 'inactive')),
    version             integer NOT NULL CHECK (version > 0),
    language            text NOT NULL CHECK (language IN ('nb', 'en')),
    name_sealed         bytea NOT NULL,
    email_sealed        bytea NOT NULL,
    email_index         bytea NOT NULL,
    phone_sealed        bytea NOT NULL,
    org_number_sealed   bytea,
    org_number_index    bytea,
    org_form            text,
    register_outcome    text NOT NULL,
    register_checked_at timestamptz,
    register_retry_at   timestamptz,
    register_attempts   integer NOT NULL DEFAULT 0,
    review_reasons      text[] NOT NULL DEFAULT '{}',
    created_at          timestamptz NOT NULL,
    inactivated_at      timestamptz,
    inactivated_by      text,
    CHECK ((state = 'inactive') = (inactivated_at IS NOT NULL)),
    CHECK ((org_number_sealed IS NULL) = (org_number_index IS NULL))
);
CREATE INDEX account_email ON account (email_index);
CREATE INDEX account_org_number ON account (org_number_index) WHERE org_number_index IS NOT NULL;
CREATE INDEX account_register_retry ON account (register_retry_at) WHERE register_retry_at IS NOT NULL;
CREATE INDEX account_review ON account (created_at) WHERE review_reasons <> '{}';
CREATE INDEX account_inactive ON account (inactivated_at) WHERE state = 'inactive';
COMMENT ON TABLE account IS 'Companies with an account (L124). A version a change; inactive ones are neither read nor written (L17).';
COMMENT ON COLUMN account.id IS 'no_pii';
COMMENT ON COLUMN account.state IS 'no_pii';
COMMENT ON COLUMN account.version IS 'no_pii';
COMMENT ON COLUMN account.language IS 'no_pii';
COMMENT ON COLUMN account.name_sealed IS 'pii:name; erased: row deleted, key of the company destroyed';
COMMENT ON COLUMN account.email_sealed IS 'pii:email; erased: row deleted, key of the company destroyed';
COMMENT ON COLUMN account.email_index IS 'pii:email_index; erased: row deleted';
COMMENT ON COLUMN account.phone_sealed IS 'pii:phone; erased: row deleted, key of the company destroyed';
COMMENT ON COLUMN account.org_number_sealed IS 'pii:org_number; erased: row deleted, key of the company destroyed';
COMMENT ON COLUMN account.org_number_index IS 'pii:org_number_index; erased: row deleted';
COMMENT ON COLUMN account.org_form IS 'no_pii';
COMMENT ON COLUMN account.register_outcome IS 'no_pii';
COMMENT ON COLUMN account.register_checked_at IS 'no_pii';
COMMENT ON COLUMN account.register_retry_at IS 'no_pii';
COMMENT ON COLUMN account.register_attempts IS 'no_pii';
COMMENT ON COLUMN account.review_reasons IS 'no_pii';
COMMENT ON COLUMN account.created_at IS 'no_pii';
COMMENT ON COLUMN account.inactivated_at IS 'no_pii';
COMMENT ON COLUMN account.inactivated_by IS 'no_pii';

CREATE TABLE account_user (
    id                 uuid PRIMARY KEY,
    account_id         uuid NOT NULL REFERENCES account (id),
    category           text NOT NULL CHECK (category IN ('employee', 'private_customer')),
    role               text NOT NULL CHECK (role IN ('owner', 'user')),
    state              text NOT NULL CHECK (state IN ('active', 'inactive')),
    version            integer NOT NULL CHECK (version > 0),
    language           text NOT NULL CHECK (language IN ('nb', 'en')),
    name_sealed        bytea NOT NULL,
    email_sealed       bytea NOT NULL,
    email_index        bytea NOT NULL,
    phone_sealed       bytea NOT NULL,
    new_email_sealed   bytea,
    new_email_index    bytea,
    is_login_name      boolean NOT NULL,
    email_confirmed_at timestamptz,
    created_at         timestamptz NOT NULL,
    inactivated_at     timestamptz,
    CHECK ((state = 'inactive') = (inactivated_at IS NOT NULL)),
    CHECK ((new_email_sealed IS NULL) = (new_email_index IS NULL)),
    UNIQUE (account_id, email_index)
);
CREATE UNIQUE INDEX account_user_login_name ON account_user (email_index) WHERE is_login_name;
COMMENT ON TABLE account_user IS 'The users of a company (L138). An address is a log-in name once its holder signed up or took up an invitation.';
COMMENT ON COLUMN account_user.id IS 'no_pii';
COMMENT ON COLUMN account_user.account_id IS 'no_pii';
COMMENT ON COLUMN account_user.category IS 'no_pii';
COMMENT ON COLUMN account_user.role IS 'no_pii';
COMMENT ON COLUMN account_user.state IS 'no_pii';
COMMENT ON COLUMN account_user.version IS 'no_pii';
COMMENT ON COLUMN account_user.language IS 'no_pii';
COMMENT ON COLUMN account_user.name_sealed IS 'pii:name; erased: row deleted, key of the person destroyed';
COMMENT ON COLUMN account_user.email_sealed IS 'pii:email; erased: row deleted, key of the person destroyed';
COMMENT ON COLUMN account_user.email_index IS 'pii:email_index; erased: row deleted';
COMMENT ON COLUMN account_user.phone_sealed IS 'pii:phone; erased: row deleted, key of the person destroyed';
COMMENT ON COLUMN account_user.new_email_sealed IS 'pii:email; erased: row deleted, key of the person destroyed';
COMMENT ON COLUMN account_user.new_email_index IS 'pii:email_index; erased: row deleted';
COMMENT ON COLUMN account_user.is_login_name IS 'no_pii';
COMMENT ON COLUMN account_user.email_confirmed_at IS 'no_pii';
COMMENT ON COLUMN account_user.created_at IS 'no_pii';
COMMENT ON COLUMN account_user.inactivated_at IS 'no_pii';

CREATE TABLE credential (
    user_id       uuid PRIMARY KEY REFERENCES account_user (id),
    password_hash text NOT NULL,
    changed_at    timestamptz NOT NULL
);
COMMENT ON TABLE credential IS 'Argon2id digests of passwords. A user without a row has not taken up the invitation.';
COMMENT ON COLUMN credential.user_id IS 'no_pii';
COMMENT ON COLUMN credential.password_hash IS 'pii:credential; erased: row deleted';
COMMENT ON COLUMN credential.changed_at IS 'no_pii';

CREATE TABLE session (
    id         uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    user_id    uuid NOT NULL REFERENCES account_user (id),
    account_id uuid NOT NULL REFERENCES account (id),
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL
);
CREATE INDEX session_of_user ON session (user_id, created_at DESC);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_age ON session (created_at);
CREATE INDEX session_seen ON session (seen_at);
COMMENT ON TABLE session IS 'Log-ins that last. Of the token only its SHA-256 is here.';
COMMENT ON COLUMN session.id IS 'no_pii';
COMMENT ON COLUMN session.token_hash IS 'no_pii';
COMMENT ON COLUMN session.user_id IS 'no_pii';
COMMENT ON COLUMN session.account_id IS 'no_pii';
COMMENT ON COLUMN session.created_at IS 'no_pii';
COMMENT ON COLUMN session.seen_at IS 'no_pii';

CREATE TABLE login_attempt (
    id                uuid PRIMARY KEY,
    account_id        uuid,
    user_id           uuid,
    at                timestamptz NOT NULL,
    outcome           text NOT NULL,
    ip_sealed         bytea NOT NULL,
    user_agent_sealed bytea,
    sealed_for_nobody boolean NOT NULL,
    address_index     bytea NOT NULL,
    network_index     bytea NOT NULL
);
CREATE INDEX login_attempt_age ON login_attempt (at);
CREATE INDEX login_attempt_user ON login_attempt (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX login_attempt_account ON login_attempt (account_id) WHERE account_id IS NOT NULL;
COMMENT ON TABLE login_attempt IS 'Attempts to log in (L19, L57), for audit to fetch; kept 48 hours.';
COMMENT ON COLUMN login_attempt.id IS 'no_pii';
COMMENT ON COLUMN login_attempt.account_id IS 'no_pii';
COMMENT ON COLUMN login_attempt.user_id IS 'no_pii';
COMMENT ON COLUMN login_attempt.at IS 'no_pii';
COMMENT ON COLUMN login_attempt.outcome IS 'no_pii';
COMMENT ON COLUMN login_attempt.ip_sealed IS 'pii:ip; erased: row deleted after 48 hours or with the person, key of the person destroyed';
COMMENT ON COLUMN login_attempt.user_agent_sealed IS 'pii:user_agent; erased: row deleted after 48 hours or with the person, key of the person destroyed';
COMMENT ON COLUMN login_attempt.sealed_for_nobody IS 'no_pii';
COMMENT ON COLUMN login_attempt.address_index IS 'pii:ip_index; erased: row deleted after 48 hours or with the person';
COMMENT ON COLUMN login_attempt.network_index IS 'pii:ip_index; erased: row deleted after 48 hours or with the person';

CREATE TABLE login_brake (
    key        bytea PRIMARY KEY,
    failed_at  timestamptz[] NOT NULL,
    touched_at timestamptz NOT NULL
);
CREATE INDEX login_brake_age ON login_brake (touched_at);
COMMENT ON TABLE login_brake IS 'Recent failures a log-in name and a network address: shared by all replicas, kept a day, never a permanent lock.';
COMMENT ON COLUMN login_brake.key IS 'pii:email_or_ip_index; erased: row deleted after a day, or with the person';
COMMENT ON COLUMN login_brake.failed_at IS 'no_pii';
COMMENT ON COLUMN login_brake.touched_at IS 'no_pii';

CREATE TABLE ticket (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES account_user (id),
    account_id uuid NOT NULL REFERENCES account (id),
    kind       text NOT NULL CHECK (kind IN ('confirmation', 'address_change', 'invitation', 'password_reset', 'notice')),
    created_at timestamptz NOT NULL,
    token_hash bytea UNIQUE,
    minted_at  timestamptz,
    used_at    timestamptz
);
CREATE INDEX ticket_user ON ticket (user_id, kind, created_at);
CREATE INDEX ticket_account ON ticket (account_id);
CREATE INDEX ticket_age ON ticket (created_at);
COMMENT ON TABLE ticket IS 'What a letter''s link stands for. The token is made when the letter is written; here is its SHA-256. A notice has none.';
COMMENT ON COLUMN ticket.id IS 'no_pii';
COMMENT ON COLUMN ticket.user_id IS 'no_pii';
COMMENT ON COLUMN ticket.account_id IS 'no_pii';
COMMENT ON COLUMN ticket.kind IS 'no_pii';
COMMENT ON COLUMN ticket.created_at IS 'no_pii';
COMMENT ON COLUMN ticket.token_hash IS 'no_pii';
COMMENT ON COLUMN ticket.minted_at IS 'no_pii';
COMMENT ON COLUMN ticket.used_at IS 'no_pii';

CREATE TABLE letter_request (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('confirmation', 'password_reset', 'sign_up_repeated')),
    email_index  bytea NOT NULL,
    requested_at timestamptz NOT NULL
);
CREATE INDEX letter_request_age ON letter_request (requested_at);
COMMENT ON TABLE letter_request IS 'Somebody asked for a letter to an address, known or not; looked up later, so that asking costs the same for both.';
COMMENT ON COLUMN letter_request.id IS 'no_pii';
COMMENT ON COLUMN letter_request.kind IS 'no_pii';
COMMENT ON COLUMN letter_request.email_index IS 'pii:email_index; erased: row deleted within seconds, or with the person';
COMMENT ON COLUMN letter_request.requested_at IS 'no_pii';

CREATE TABLE agreement (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES account (id),
    user_id     uuid,
    document    text NOT NULL,
    version     text NOT NULL,
    text_sha256 text NOT NULL,
    language    text NOT NULL,
    authority   text NOT NULL,
    attested    text[] NOT NULL,
    domain      text NOT NULL,
    element     text NOT NULL,
    accepted_at timestamptz NOT NULL,
    ip_sealed   bytea
);
CREATE INDEX agreement_account ON agreement (account_id, accepted_at DESC);
CREATE INDEX agreement_ip ON agreement (accepted_at) WHERE ip_sealed IS NOT NULL;
COMMENT ON TABLE agreement IS 'Who accepted which version of which document for the company, by what right, when, where (L126, L168-174).';
COMMENT ON COLUMN agreement.id IS 'no_pii';
COMMENT ON COLUMN agreement.account_id IS 'no_pii';
COMMENT ON COLUMN agreement.user_id IS 'no_pii';
COMMENT ON COLUMN agreement.document IS 'no_pii';
COMMENT ON COLUMN agreement.version IS 'no_pii';
COMMENT ON COLUMN agreement.text_sha256 IS 'no_pii';
COMMENT ON COLUMN agreement.language IS 'no_pii';
COMMENT ON COLUMN agreement.authority IS 'no_pii';
COMMENT ON COLUMN agreement.attested IS 'no_pii';
COMMENT ON COLUMN agreement.domain IS 'no_pii';
COMMENT ON COLUMN agreement.element IS 'no_pii';
COMMENT ON COLUMN agreement.accepted_at IS 'no_pii';
COMMENT ON COLUMN agreement.ip_sealed IS 'pii:ip; erased: emptied after 90 days or with the person, key of the person destroyed';

CREATE TABLE agreement_archive (
    id          uuid PRIMARY KEY,
    document    text NOT NULL,
    version     text NOT NULL,
    text_sha256 text NOT NULL,
    authority   text NOT NULL,
    accepted_at timestamptz NOT NULL,
    keep_until  date NOT NULL
);
CREATE INDEX agreement_archive_end ON agreement_archive (keep_until);
COMMENT ON TABLE agreement_archive IS 'All that outlives an erased account here: that a version was accepted, in what role, when. Names nobody.';
COMMENT ON COLUMN agreement_archive.id IS 'no_pii';
COMMENT ON COLUMN agreement_archive.document IS 'no_pii';
COMMENT ON COLUMN agreement_archive.version IS 'no_pii';
COMMENT ON COLUMN agreement_archive.text_sha256 IS 'no_pii';
COMMENT ON COLUMN agreement_archive.authority IS 'no_pii';
COMMENT ON COLUMN agreement_archive.accepted_at IS 'no_pii';
COMMENT ON COLUMN agreement_archive.keep_until IS 'no_pii';

CREATE TABLE erasure_step (
    erasure_id   uuid PRIMARY KEY,
    counts       jsonb NOT NULL,
    retained     text[] NOT NULL,
    completed_at timestamptz NOT NULL
);
COMMENT ON TABLE erasure_step IS 'What was erased here, by erasure: a repeated order gets the same answer. Names no account.';
COMMENT ON COLUMN erasure_step.erasure_id IS 'no_pii';
COMMENT ON COLUMN erasure_step.counts IS 'no_pii';
COMMENT ON COLUMN erasure_step.retained IS 'no_pii';
COMMENT ON COLUMN erasure_step.completed_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON
    account, account_user, credential, session, login_attempt, login_brake, ticket, letter_request, agreement
TO account;
GRANT SELECT, INSERT, DELETE ON agreement_archive TO account;
GRANT SELECT, INSERT ON erasure_step TO account;
