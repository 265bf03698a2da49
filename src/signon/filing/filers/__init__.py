"""A court’s filers, each with everything that the other rooms know of them."""
