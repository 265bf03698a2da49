"""The background loop: one per process, every job leased, so that none runs twice at once."""
