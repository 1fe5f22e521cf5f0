"""A firm to try it on. Nothing but the front door imports it."""
