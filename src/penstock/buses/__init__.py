"""Wake-ups and stop signals between instances; never the record."""
