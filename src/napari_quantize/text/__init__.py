"""Sentences and numbers that dock, report and command line share."""
