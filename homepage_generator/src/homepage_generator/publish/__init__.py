"""Versions of sites, which of them the world sees, and what visitors write to the shop."""
