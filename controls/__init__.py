"""Floor 2: deterministic checks, one file and one case file each; no learning."""
