"""A form that is sent twice is answered once."""
