-- Whose a session was is known for an hour also where somebody ended it: a form that was open then is kept.

ALTER TABLE session ADD COLUMN ended_at timestamptz;
COMMENT ON COLUMN session.ended_at IS 'no_pii';
