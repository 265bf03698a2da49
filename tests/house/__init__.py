"""The house is in order: rules about the code itself that no other tool can say."""
