"""The background loop."""
