"""The shapes of Bungie's answers, as far as this program reads them."""
