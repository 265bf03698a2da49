"""Drills: what takes minutes, by `make drills`; a small one of each is among the tests."""
