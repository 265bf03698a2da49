"""Mail to people: one message a module, its templates, and delivery out of the outbox."""
