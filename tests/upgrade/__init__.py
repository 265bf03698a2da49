"""Tests of the upgrade of legacy accounts."""
