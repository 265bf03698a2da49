"""The PACER Authentication API, byte for byte as its clients know it (docs/pacer-api.md)."""
