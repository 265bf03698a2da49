"""Filing agents."""
