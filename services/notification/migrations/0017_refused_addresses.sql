-- Addresses of erased persons who had declined, as keyed digests: nobody writes marketing to them again.

CREATE TABLE refused_address (
    address_index bytea NOT NULL,
    letter_class  text NOT NULL CHECK (letter_class IN ('marketing', 'product_news')),
    since         timestamptz NOT NULL,
    kept_until    date NOT NULL,
    PRIMARY KEY (address_index, letter_class)
);
CREATE INDEX refused_address_age ON refused_address (kept_until);
COMMENT ON TABLE refused_address IS 'Addresses of erased persons who had declined a class of letters (GDPR article 21(3)): of them the keyed digest alone is left, and until when.';
COMMENT ON COLUMN refused_address.address_index IS 'pii:email_index; erased: row deleted when its time is over (suppression.refusals)';
COMMENT ON COLUMN refused_address.letter_class IS 'no_pii';
COMMENT ON COLUMN refused_address.since IS 'no_pii';
COMMENT ON COLUMN refused_address.kept_until IS 'no_pii';
GRANT SELECT, INSERT, UPDATE, DELETE ON refused_address TO notification;
