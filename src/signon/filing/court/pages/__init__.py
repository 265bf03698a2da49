"""The console’s shell, and its pages of policy, staff and activity."""
