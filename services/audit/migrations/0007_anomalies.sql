-- What detectors look at: keyed digests of the name tried, the network and the device; a place where the operator has a
-- table of them. Attempts of before have none of these and are not looked at.

ALTER TABLE login_event
    ADD COLUMN name_index bytea, ADD COLUMN network_index bytea, ADD COLUMN device_index bytea,
    ADD COLUMN country text CHECK (country ~ '^[A-Z]{2}$'),
    ADD COLUMN latitude real CHECK (latitude BETWEEN -90 AND 90),
    ADD COLUMN longitude real CHECK (longitude BETWEEN -180 AND 180),
    ADD COLUMN watched boolean NOT NULL DEFAULT true,
    ADD CHECK (user_id IS NULL OR name_index IS NULL);
ALTER TABLE login_event ALTER COLUMN watched SET DEFAULT false;
CREATE INDEX login_event_unwatched ON login_event (occurred_at) WHERE NOT watched;
CREATE INDEX login_event_network ON login_event (network_index, occurred_at) WHERE network_index IS NOT NULL;
CREATE INDEX login_event_nobody ON login_event (occurred_at) WHERE user_id IS NULL AND network_index IS NOT NULL;
COMMENT ON COLUMN login_event.name_index IS 'pii:email_index; erased: emptied after 48 hours, of names that nobody has';
COMMENT ON COLUMN login_event.network_index IS 'pii:ip_index; erased: row deleted on expires_on and at erasure.ordered; of a stranger emptied after 48 hours';
COMMENT ON COLUMN login_event.device_index IS 'pii:user_agent_index; erased: row deleted on expires_on and at erasure.ordered; of a stranger emptied after 48 hours';
COMMENT ON COLUMN login_event.country IS 'pii:place; erased: row deleted on expires_on and at erasure.ordered; of a stranger emptied after 48 hours';
COMMENT ON COLUMN login_event.latitude IS 'pii:place; erased: row deleted on expires_on and at erasure.ordered; of a stranger emptied after 48 hours';
COMMENT ON COLUMN login_event.longitude IS 'pii:place; erased: row deleted on expires_on and at erasure.ordered; of a stranger emptied after 48 hours';
COMMENT ON COLUMN login_event.watched IS 'no_pii';
GRANT UPDATE (name_index, network_index, device_index, country, latitude, longitude, watched) ON login_event TO audit;

CREATE TABLE anomaly (
    detector   text NOT NULL CHECK (detector ~ '^[a-z][a-z0-9_]{0,63}$'),
    key_index  bytea NOT NULL,
    anomaly_id uuid NOT NULL,
    seen_at    timestamptz NOT NULL,
    told_at    timestamptz NOT NULL,
    PRIMARY KEY (detector, key_index)
);
CREATE INDEX anomaly_age ON anomaly (seen_at);
COMMENT ON TABLE anomaly IS 'Attacks that were seen of late, so that each is told once and not with every attempt. Two days.';
COMMENT ON COLUMN anomaly.detector IS 'no_pii';
COMMENT ON COLUMN anomaly.key_index IS 'pii:pseudonym_index; erased: row deleted 48 hours after it was seen last';
COMMENT ON COLUMN anomaly.anomaly_id IS 'no_pii';
COMMENT ON COLUMN anomaly.seen_at IS 'no_pii';
COMMENT ON COLUMN anomaly.told_at IS 'no_pii';
GRANT SELECT, INSERT, UPDATE, DELETE ON anomaly TO audit;
