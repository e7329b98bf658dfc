"""Text that is safe in a terminal, in an email, and in a calendar."""

from unicodedata import category

# Unicode categories of control, format and surrogate characters.
_CONTROL_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})


def strip_control_characters(text: str) -> str:
    """Remove the characters that control a terminal or change the direction of the text."""
    return "".join(
        character for character in text if category(character) not in _CONTROL_CATEGORIES
    )
