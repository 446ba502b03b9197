-- Whoever proved a log-in name from an address fails on a count of one's own there, so that nobody can keep others out
-- by failing under their name. A password that somebody else may know lets nobody in until it is set anew.
ALTER TABLE login_brake ADD COLUMN proved_at timestamptz;
COMMENT ON COLUMN login_brake.proved_at IS 'no_pii';
ALTER TABLE credential ADD COLUMN reset_required_at timestamptz;
COMMENT ON COLUMN credential.reset_required_at IS 'no_pii';
