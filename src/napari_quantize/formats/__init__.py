"""Read images from files and write them."""
