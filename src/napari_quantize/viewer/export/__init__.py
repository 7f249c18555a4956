"""*Export…*: results as files, a report, a figure or a script."""
