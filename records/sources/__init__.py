"""One file per kind of source, mapping its objects to the canonical tables."""
