"""The pages: what a person sees, from the same functions that the API calls."""
