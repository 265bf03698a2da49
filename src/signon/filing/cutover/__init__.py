"""A court's cutover: who is ready for its go-live, and what becomes of what they prepared."""
