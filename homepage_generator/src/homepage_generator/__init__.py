"""A homepage from a shop's own facts: agents fill a typed spec, audited sections show it, a gate in a browser rules."""
