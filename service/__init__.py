"""Floor 5b: from score to a person and back."""
