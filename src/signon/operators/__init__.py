"""What the service's operators see and do: the console and the REST scope `admin`."""
