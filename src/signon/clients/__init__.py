"""Relying parties and service clients."""
