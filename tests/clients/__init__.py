"""Tests of the clients' registration."""
