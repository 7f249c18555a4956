"""What callers ask for, checked once."""
