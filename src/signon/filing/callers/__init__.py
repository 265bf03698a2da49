"""Whoever calls a court's help desk: found by what they say, and what they were refused here."""
