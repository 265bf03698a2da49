"""Operators let clients register themselves."""
