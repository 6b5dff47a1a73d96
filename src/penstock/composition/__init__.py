"""The settings, and what they pick: the models with their providers and prices, the clock and the ids."""
