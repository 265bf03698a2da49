"""Tests of the courts."""
