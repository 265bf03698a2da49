"""The provider, one file a specification."""
