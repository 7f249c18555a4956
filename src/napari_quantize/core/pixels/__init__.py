"""An image as pixels: blocks, masks, strips and threads."""
