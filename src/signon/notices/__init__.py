"""Mail: one message a module, and its delivery."""
