"""Declared tables of identifiers."""
