"""A stand-in for the Azure OpenAI service, with every fault it can have. Imports nothing but core and wire."""
