"""Letting a client register itself: the same acts, pages and REST values for operators and courts."""
