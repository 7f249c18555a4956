"""Learn centers from counted samples."""
