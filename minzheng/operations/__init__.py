"""Keeping a home in order: what must hold in it, and how it is mended."""
