"""A picture changed by an instruction: look at it, find the place, paint, check, keep what must not change."""
