"""What the tests stand on: a real PostgreSQL, databases to spoil, a movable clock."""
