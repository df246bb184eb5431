"""The corridor's declared tables."""
