"""The smallest fix of a draft: the fewest and cheapest changes that bring it under the line, each scored again. Nothing is ever posted."""
