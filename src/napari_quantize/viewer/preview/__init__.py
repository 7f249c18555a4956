"""*Try*: a live preview of one K."""
