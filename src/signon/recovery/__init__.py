"""Forgotten things: a mailed link to choose a new password, and a mail that names usernames."""
