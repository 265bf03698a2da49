"""Relying parties that others wrote, run as they are against a provider: `make gallery`."""
