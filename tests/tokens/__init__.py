"""Tests of keys, grants and tokens."""
