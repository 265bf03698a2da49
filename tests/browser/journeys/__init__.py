"""What people do that takes them many pages: `make journeys`."""
