"""Our examples on real web servers: what docs/courts.md and docs/run.md tell people to do."""
