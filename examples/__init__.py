"""Services of others, in plain nameko 2.14.1, talking to ours: nothing of `shared` is imported here."""
