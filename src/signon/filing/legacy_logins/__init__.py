"""The filer logins that a court gave out before central sign-on, as it sends them."""
