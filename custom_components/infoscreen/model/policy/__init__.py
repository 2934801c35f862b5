"""What a mains failure does to the TVs and screens that a UPS feeds, and how they come back."""
