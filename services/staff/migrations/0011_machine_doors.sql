-- What whoever is root on the machine did past the gate of staff, until two persons have countersigned it.

CREATE TABLE machine_door_use (
    id               uuid PRIMARY KEY,
    door             text NOT NULL,
    used_at          timestamptz NOT NULL,
    approval_id      uuid,
    countersigned_at timestamptz,
    CHECK ((approval_id IS NULL) = (countersigned_at IS NULL))
);
CREATE INDEX machine_door_use_waiting ON machine_door_use (used_at) WHERE countersigned_at IS NULL;
CREATE INDEX machine_door_use_seen ON machine_door_use (countersigned_at) WHERE countersigned_at IS NOT NULL;
COMMENT ON TABLE machine_door_use IS 'That a door of the machine itself was used. Kept three years after two persons have countersigned it.';
COMMENT ON COLUMN machine_door_use.id IS 'no_pii';
COMMENT ON COLUMN machine_door_use.door IS 'no_pii';
COMMENT ON COLUMN machine_door_use.used_at IS 'no_pii';
COMMENT ON COLUMN machine_door_use.approval_id IS 'no_pii';
COMMENT ON COLUMN machine_door_use.countersigned_at IS 'no_pii';

GRANT SELECT, INSERT, UPDATE, DELETE ON machine_door_use TO staff;
