"""The game as this program knows it. Pure: no clock, network, disk or Flask."""
