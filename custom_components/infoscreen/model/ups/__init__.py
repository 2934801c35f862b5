"""UPSes: what they say, what of it can be true, and how grave it is."""
