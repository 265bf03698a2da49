"""`/account` and the REST scope `account`: what people see and change of their own account."""
