"""Stempel: a portal for digital loyalty cards."""

__version__ = "0.1.0"
