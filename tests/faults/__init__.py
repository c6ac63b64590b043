"""Real processes that are killed at every named point, and an independent checker of what is left."""
