"""The demonstration: people for every case, two courts that trust the provider, and a mailbox."""
