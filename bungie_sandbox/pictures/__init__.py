"""Icons and emblems, drawn as SVG."""
