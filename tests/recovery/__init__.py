"""Forgotten passwords and usernames."""
