"""Signing keys, access tokens, grants and their refresh tokens."""
