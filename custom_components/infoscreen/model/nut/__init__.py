"""The configuration of NUT, the Network UPS Tools: how it is read, and what is wrong with it."""
