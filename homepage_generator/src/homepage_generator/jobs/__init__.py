"""Jobs: rows that wait, are claimed under a lease that is renewed, and survive whoever works on them."""
