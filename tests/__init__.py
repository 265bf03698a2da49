"""The tests of signon; the folders mirror those of src/signon."""
