"""What one of a court’s staff asked for, confirmed by another."""
