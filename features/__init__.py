"""Floor 3: point-in-time signals, the same call for training and for tonight."""
