"""How spans are made, sampled, kept, encoded and sent."""
