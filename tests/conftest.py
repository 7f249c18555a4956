"""What all tests share."""

import os

from hypothesis import settings

# napari reads its settings file when first imported and writes it when a window closes. With no file named
# it keeps them in memory: set before any test can import napari, so that the developer's own stay untouched.
os.environ["NAPARI_CONFIG"] = ""

# Times differ too much between machines for hypothesis's deadline. What fails in CI must fail again at home,
# so it draws the same examples there each time; at home it goes on looking for others.
settings.register_profile("home", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "home")
