"""The pages of reminders: the court's desk, and where the mails' links lead."""
