"""The PACER Authentication API."""
