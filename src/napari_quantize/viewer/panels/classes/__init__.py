"""The panel *Levels & areas* or *Palette*."""
