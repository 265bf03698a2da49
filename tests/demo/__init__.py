"""The demonstration, started as a visitor starts it."""
