"""Filing rights: what an account may file at a court, how it came to be so and how it changes."""
