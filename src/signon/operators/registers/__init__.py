"""What the service keeps besides accounts: courts, clients, keys and the audit trail."""
