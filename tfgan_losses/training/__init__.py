"""What a training step is made of: objective, terms, networks, updates, and what is refused."""
