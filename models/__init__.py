"""Floor 4: the declarations of what is scored, and how."""
