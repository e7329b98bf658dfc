"""Forms of the inventory's actions.

The CSRF token is checked for the whole site before any view, so these forms validate only
their fields. Ids are digits and hashes fit into 32 bits: no other text reaches Bungie.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import StringField, ValidationError
from wtforms.fields import Field

from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.moves.planner import Move
from destiny_web.services.moves.commands import (
    CollectPostmaster,
    Command,
    EquipItems,
    MoveItem,
    PullFromPostmaster,
    SetLock,
    Undo,
)
from destiny_web.services.preferences import COLUMNS, DENSITIES, PreferenceChange

_ID_PATTERN = re.compile(r"[0-9]{1,20}", re.ASCII)
_JOB_ID_PATTERN = re.compile(r"[0-9a-f]{16}", re.ASCII)
_KEY_PATTERN = re.compile(r"[A-Za-z0-9_.:-]{1,100}", re.ASCII)
_NUMBER_PATTERN = re.compile(r"[0-9]{1,10}", re.ASCII)
_FOLD_PATTERN = re.compile(r"[a-z0-9/-]{1,60}", re.ASCII)
_HASH_LIMIT = 2**32
_MAX_QUANTITY = 1_000_000


def _require_text(field: Field) -> str:
    text = (field.data or "").strip()
    if not text:
        raise ValidationError(f"{field.name} is missing.")
    return str(text)


def _check_id(_: FlaskForm, field: Field) -> None:
    if not _ID_PATTERN.fullmatch(_require_text(field)):
        raise ValidationError(f"{field.name} must be an id: digits only.")


def _check_optional_id(form: FlaskForm, field: Field) -> None:
    if (field.data or "").strip():
        _check_id(form, field)


def _check_owner(_: FlaskForm, field: Field) -> None:
    owner = _require_text(field)
    if owner not in {VAULT, ACCOUNT} and not _ID_PATTERN.fullmatch(owner):
        raise ValidationError(f"{field.name} must be a character's id, vault or account.")


def _check_hash(_: FlaskForm, field: Field) -> None:
    text = _require_text(field)
    if not _NUMBER_PATTERN.fullmatch(text) or int(text) >= _HASH_LIMIT:
        raise ValidationError(f"{field.name} must be a number below 2 to the power of 32.")


def _check_quantity(_: FlaskForm, field: Field) -> None:
    text = _require_text(field)
    if not _NUMBER_PATTERN.fullmatch(text) or not 1 <= int(text) <= _MAX_QUANTITY:
        raise ValidationError(f"{field.name} must be a whole number, one or more.")


def _check_flag(_: FlaskForm, field: Field) -> None:
    if (field.data or "").strip() not in {"", "0", "1"}:
        raise ValidationError(f"{field.name} must be 1 or 0.")


def _check_required_flag(form: FlaskForm, field: Field) -> None:
    _require_text(field)
    _check_flag(form, field)


def _read_flag(field: Field) -> bool | None:
    text = (field.data or "").strip()
    return text == "1" if text else None


def _check_job_id(_: FlaskForm, field: Field) -> None:
    if not _JOB_ID_PATTERN.fullmatch(_require_text(field)):
        raise ValidationError(f"{field.name} must be the id of a job.")


def _check_key(_: FlaskForm, field: Field) -> None:
    text = (field.data or "").strip()
    if text and not _KEY_PATTERN.fullmatch(text):
        raise ValidationError(
            f"{field.name} must have 1 to 100 letters, digits, or the characters _ . : -"
        )


def _check_choice(*choices: str) -> Callable[[FlaskForm, Field], None]:
    def check(_: FlaskForm, field: Field) -> None:
        if field.data and field.data not in choices:
            raise ValidationError(f"{field.name} must be one of {', '.join(choices)}.")

    return check


def _check_fold(_: FlaskForm, field: Field) -> None:
    if field.data and not _FOLD_PATTERN.fullmatch(field.data):
        raise ValidationError(f"{field.name} must have 1 to 60 small letters, digits, - or /.")


class UncheckedForm(FlaskForm):
    """A form without a CSRF token of its own: the token is checked before the view."""

    class Meta:
        """Options of WTForms."""

        csrf = False

        def wrap_formdata(self, _form: FlaskForm, formdata: Any) -> Any:
            """Read the fields of an HTML form only: Flask-WTF would also read JSON and files."""
            return request.form if request.method == "POST" else formdata

    @property
    def first_error(self) -> str:
        """The first validation error, which names its field; ``""`` for a valid form."""
        return next((str(messages[0]) for messages in self.errors.values() if messages), "")


class ActionForm(UncheckedForm):
    """A form that asks for a command."""

    idempotency_key = StringField(validators=[_check_key])

    def command(self) -> Command:
        """Return the command that the form asks for; the form must be valid."""
        raise NotImplementedError

    def key(self) -> str:
        """Return the idempotency key; ``""`` when the form has none."""
        return (self.idempotency_key.data or "").strip()


class TransferForm(ActionForm):
    """Move an item to another owner."""

    item_hash = StringField(validators=[_check_hash])
    item_instance_id = StringField(validators=[_check_optional_id])
    quantity = StringField(default="1", validators=[_check_quantity])
    source = StringField(validators=[_check_owner])
    destination = StringField(validators=[_check_owner])
    equip = StringField(validators=[_check_flag])

    def move(self) -> Move:
        """Return the move that the form asks for; the form must be valid."""
        return Move(
            item_hash=int(self.item_hash.data or 0),
            instance_id=(self.item_instance_id.data or "").strip() or None,
            quantity=int(self.quantity.data or 0),
            source=(self.source.data or "").strip(),
            destination=(self.destination.data or "").strip(),
            equip=(self.equip.data or "").strip() == "1",
        )

    def command(self) -> Command:
        """Return the command to move the item."""
        return MoveItem(move=self.move())


class PullForm(ActionForm):
    """Pull an item out of a character's postmaster."""

    item_hash = StringField(validators=[_check_hash])
    item_instance_id = StringField(validators=[_check_optional_id])
    quantity = StringField(default="1", validators=[_check_quantity])
    character_id = StringField(validators=[_check_id])

    def command(self) -> Command:
        """Return the command to pull the item out of the postmaster."""
        character_id = (self.character_id.data or "").strip()
        return PullFromPostmaster(
            move=Move(
                item_hash=int(self.item_hash.data or 0),
                instance_id=(self.item_instance_id.data or "").strip() or None,
                quantity=int(self.quantity.data or 0),
                source=character_id,
                destination=character_id,
                lost=True,
            )
        )


class CollectForm(ActionForm):
    """Collect everything from a character's postmaster."""

    character_id = StringField(validators=[_check_id])

    def command(self) -> Command:
        """Return the command to empty the postmaster."""
        return CollectPostmaster(character_id=(self.character_id.data or "").strip())


class EquipForm(ActionForm):
    """Equip items that a character holds; ``item_instance_id`` may be repeated."""

    character_id = StringField(validators=[_check_id])
    item_instance_id = StringField(validators=[_check_id])

    def instance_ids(self) -> list[str]:
        """Return every instance id of the form."""
        return [str(instance_id).strip() for instance_id in self.item_instance_id.raw_data or ()]

    def command(self) -> Command:
        """Return the command to equip the items."""
        character_id = (self.character_id.data or "").strip()
        return EquipItems(character_id=character_id, instance_ids=tuple(self.instance_ids()))

    def validate(self, extra_validators: object = None) -> bool:
        """Validate every instance id, not only the first."""
        if not super().validate(extra_validators):
            return False
        if all(_ID_PATTERN.fullmatch(instance_id) for instance_id in self.instance_ids()):
            return True
        self.item_instance_id.errors = ["item_instance_id must be an id: digits only."]
        return False


class LockForm(ActionForm):
    """Lock or unlock an item."""

    item_instance_id = StringField(validators=[_check_id])
    locked = StringField(validators=[_check_required_flag])

    def command(self) -> Command:
        """Return the command to set the lock."""
        return SetLock(
            instance_id=(self.item_instance_id.data or "").strip(),
            locked=(self.locked.data or "").strip() == "1",
        )


class UndoForm(ActionForm):
    """Undo the last job of the account; ``job_id`` says which job the page showed."""

    job_id = StringField(validators=[_check_job_id])

    def command(self) -> Command:
        """Return the command to undo the job."""
        return Undo(job_id=(self.job_id.data or "").strip())


class ViewForm(UncheckedForm):
    """Change how the page looks; a field that is missing or empty changes nothing."""

    density = StringField(validators=[_check_choice(*DENSITIES)])
    columns = StringField(validators=[_check_choice(*COLUMNS)])
    single_keys = StringField(validators=[_check_flag])
    double_click = StringField(validators=[_check_flag])
    fold = StringField(validators=[_check_fold])
    folded = StringField(validators=[_check_flag])

    def change(self) -> PreferenceChange:
        """Return the change that the form asks for; the form must be valid."""
        fold, folded = self.fold.data or "", (self.folded.data or "").strip()
        return PreferenceChange(
            density=self.density.data or None,
            columns=self.columns.data or None,
            single_keys=_read_flag(self.single_keys),
            double_click=_read_flag(self.double_click),
            fold=(fold, folded == "1") if fold and folded else None,
        )
