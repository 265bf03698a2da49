"""The modules of the OpenID Foundation's conformance suite, by their names, in this process."""
