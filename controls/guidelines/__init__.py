"""A client's guideline document: read into rules for the controls, each with its clause; proved by examples, compared, and signed."""
