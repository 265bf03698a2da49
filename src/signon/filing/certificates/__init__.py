"""That somebody was trained for a role, where a court wants it: recorded, withdrawn, running out."""
