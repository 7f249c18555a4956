"""Learn and apply codebooks: numpy and scikit-learn, without a window."""
