"""Registering for e-filing at a court: asked for, decided on, kept with its history."""
