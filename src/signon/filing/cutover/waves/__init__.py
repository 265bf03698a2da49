"""Reminders in waves: whom a court reminds before its day, when, and with which words."""
