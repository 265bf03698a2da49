"""Journeys in a real browser, and a look at every page."""
