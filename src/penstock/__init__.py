"""Penstock streams model answers to people."""

__version__ = "0.1.0"
