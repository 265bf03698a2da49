"""Pages about filing agents: choosing for whom one files, and both sides of a pair."""
