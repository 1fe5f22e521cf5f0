"""Floor 5a: from history to a registered model."""
