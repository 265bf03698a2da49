"""Proving who someone is: sign-in, throttle, session."""
