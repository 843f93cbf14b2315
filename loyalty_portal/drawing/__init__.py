"""Data in, picture out. Knows no Flask and no models."""
