"""OpenID Connect Back-Channel Logout 1.0: who is told of what, how, and how often."""
