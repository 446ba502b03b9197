"""Mailgun's sending, events, logs and suppressions, as its documents and recordings show them."""
