"""Pages of a registration: the applicant’s and the court’s."""
