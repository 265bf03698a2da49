"""What someone was on the way to when a page had to come first."""
