"""Write results as one self-contained web page."""
