"""The grants, one a module (RFC 6749 section 4 and 6)."""
