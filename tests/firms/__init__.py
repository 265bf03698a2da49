"""Firms: rules, programs, console."""
