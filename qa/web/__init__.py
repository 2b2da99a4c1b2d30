"""The web page: one HTML file, served at /."""
