"""Put the parts of the dock together."""
