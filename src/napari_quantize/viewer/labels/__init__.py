"""*Make labels*: classes of a result as a Labels layer."""
