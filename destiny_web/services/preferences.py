"""How a player wants the inventory page to look: kept on the server for each account."""

import msgspec

from destiny_web.domain.account.characters import Membership
from destiny_web.services.codec import decode
from destiny_web.storage.store import Store

DENSITIES = ("icons", "names", "table")
"""How items are shown: tiles, tiles with names, or the rows of a table."""

COLUMNS = ("auto", "one", "three")
"""How many characters stand beside the vault: as many as fit, one, or all."""

_NAMESPACE = "preferences"
_MOST_FOLDS = 200


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """The preferences of an account.

    Attributes:
        folds: By key of a section or group: the player has folded it (True) or opened it. Keys
            that are missing have the state that the page gives them.
        single_keys: Shortcuts of a single key are switched on.
        double_click: A double click on an item moves it to the shown character.
    """

    density: str = "icons"
    columns: str = "auto"
    folds: dict[str, bool] = msgspec.field(default_factory=dict)
    single_keys: bool = True
    double_click: bool = False


class PreferenceChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change of preferences: None leaves a preference as it is.

    Attributes:
        fold: A key of a section or group, and whether it is folded.
    """

    density: str | None = None
    columns: str | None = None
    fold: tuple[str, bool] | None = None
    single_keys: bool | None = None
    double_click: bool | None = None


class PreferenceStore:
    """Reads and changes the preferences of accounts; safe for threads and processes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def load(self, membership: Membership) -> Preferences:
        """Return the preferences of an account, or the defaults.

        Raises:
            StoreError: the store cannot be read.
        """
        return decode(self._store.get(_NAMESPACE, membership.key), Preferences) or Preferences()

    def change(self, membership: Membership, change: PreferenceChange) -> None:
        """Change the preferences of an account.

        Raises:
            StoreError: nothing was changed.
        """

        def apply(raw: bytes | None) -> bytes:
            preferences = decode(raw, Preferences) or Preferences()
            return msgspec.msgpack.encode(_apply(preferences, change))

        self._store.update(_NAMESPACE, membership.key, apply)


def _apply(preferences: Preferences, change: PreferenceChange) -> Preferences:
    changes = {
        name: value
        for name, value in msgspec.structs.asdict(change).items()
        if value is not None and name != "fold"
    }
    if change.fold is not None:
        key, is_folded = change.fold
        # The key that was changed last is the last one; the oldest ones are dropped.
        folds = {name: state for name, state in preferences.folds.items() if name != key}
        changes["folds"] = dict([*folds.items(), (key, is_folded)][-_MOST_FOLDS:])
    return msgspec.structs.replace(preferences, **changes)
