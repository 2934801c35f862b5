"""What a fleet is and how it behaves: plain Python without Home Assistant, I/O, clock or random ids."""
