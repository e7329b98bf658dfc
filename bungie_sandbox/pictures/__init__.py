"""Icons, emblems and signs, drawn as SVG."""
