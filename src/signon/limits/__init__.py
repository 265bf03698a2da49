"""Counters and waits, in ordinary tables, shared by all processes."""
