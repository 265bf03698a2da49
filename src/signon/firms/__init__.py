"""Firm administrative accounts: who is billed together, and who looks after that."""
