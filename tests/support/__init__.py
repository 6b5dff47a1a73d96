"""What tests of whole programs share: real processes, and a reader of their streams."""
