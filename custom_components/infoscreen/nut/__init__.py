"""NUT servers: the connection to one, and the UPSes that it watches over."""
