"""The commands, by what they work on. Each module adds its own to the front door."""
