"""Learn and apply codebooks: numpy and scikit-learn, no window."""
