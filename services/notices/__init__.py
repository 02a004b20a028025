"""What users are told of their jobs: notices on the page, and e-mail."""
