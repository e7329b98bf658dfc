"""The responses of the API: the state of the players in Bungie's shapes."""
