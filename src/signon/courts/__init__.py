"""The courts: registry, go-live, policy, staff."""
