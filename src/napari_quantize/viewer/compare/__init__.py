"""Compare results: *One*, *Tile*, *Swipe*, *Difference*, *Flip*."""
