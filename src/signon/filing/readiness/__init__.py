"""What stands between somebody and filing at a court."""
