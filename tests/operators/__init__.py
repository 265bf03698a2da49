"""The console and the REST scope `admin`."""
