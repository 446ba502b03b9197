-- What is sealed is sealed anew after a renewal of the data keys (ADR 0016): found by the oldest generation in a row.

CREATE INDEX login_event_sealed_under ON login_event (least(
    sealed_generation(ip_sealed), sealed_generation(user_agent_sealed)), attempt_id);
