"""The toolkit's faces for other people's programs; thin, over server, toolkit and wire."""
