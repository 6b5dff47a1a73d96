"""The toolkit's faces for other frameworks; thin, over runs and wire. Nothing lives here yet."""
