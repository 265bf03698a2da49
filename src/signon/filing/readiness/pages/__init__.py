"""What anybody may look at about a court: its own page, and whether one can file there."""
