"""What the forms of the inventory may say.

The token against forgery is checked for the whole site, before any view: these check the
fields. Ids are digits and hashes fit into 32 bits, so nothing else ever reaches Bungie.
"""

import re
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import StringField, ValidationError
from wtforms.fields import Field

from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.moves.planner import Move
from destiny_web.services.moves.commands import (
    Command,
    EquipItems,
    MoveItem,
    PullFromPostmaster,
    SetLock,
    Undo,
)

_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_JOB = re.compile(r"[0-9a-f]{16}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,100}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,10}", re.ASCII)
_HASHES = 2**32
_MOST = 1_000_000


def _given(field: Field) -> str:
    text = (field.data or "").strip()
    if not text:
        raise ValidationError(f"{field.name} is missing.")
    return str(text)


def _id(_: FlaskForm, field: Field) -> None:
    if not _ID.fullmatch(_given(field)):
        raise ValidationError(f"{field.name} must be an id: digits only.")


def _optional_id(form: FlaskForm, field: Field) -> None:
    if (field.data or "").strip():
        _id(form, field)


def _owner(_: FlaskForm, field: Field) -> None:
    if _given(field) not in {VAULT, ACCOUNT} and not _ID.fullmatch(_given(field)):
        raise ValidationError(f"{field.name} must be a character's id, vault or account.")


def _hash(_: FlaskForm, field: Field) -> None:
    text = _given(field)
    if not _NUMBER.fullmatch(text) or int(text) >= _HASHES:
        raise ValidationError(f"{field.name} must be a number below 2 to the power of 32.")


def _quantity(_: FlaskForm, field: Field) -> None:
    text = _given(field)
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= _MOST:
        raise ValidationError(f"{field.name} must be a whole number, one or more.")


def _flag(_: FlaskForm, field: Field) -> None:
    if (field.data or "").strip() not in {"", "0", "1"}:
        raise ValidationError(f"{field.name} must be 1 or 0.")


def _yes_or_no(form: FlaskForm, field: Field) -> None:
    _given(field)
    _flag(form, field)


def _job(_: FlaskForm, field: Field) -> None:
    if not _JOB.fullmatch(_given(field)):
        raise ValidationError(f"{field.name} must be the id of a job.")


def _key(_: FlaskForm, field: Field) -> None:
    text = (field.data or "").strip()
    if text and not _KEY.fullmatch(text):
        raise ValidationError(
            f"{field.name} must have 1 to 100 letters, digits, or the characters _ . : -"
        )


class ActionForm(FlaskForm):
    """A form whose token was checked before, by the whole site's guard."""

    idempotency_key = StringField(validators=[_key])

    class Meta:
        """WTForms' own way to say so."""

        csrf = False

        def wrap_formdata(self, _form: FlaskForm, formdata: Any) -> Any:
            """Take fields from a form only: Flask-WTF would take JSON and files, too."""
            return request.form if request.method == "POST" else formdata

    def command(self) -> Command:
        """Return what the player asks for; call it on a valid form only."""
        raise NotImplementedError

    def key(self) -> str:
        """Return the key by which a second post of the same form is recognized; maybe none."""
        return (self.idempotency_key.data or "").strip()

    @property
    def fault(self) -> str:
        """Say what is wrong, naming the field; the first of several."""
        return next((str(told[0]) for told in self.errors.values() if told), "")


class TransferForm(ActionForm):
    """Bring an item somewhere."""

    item_hash = StringField(validators=[_hash])
    item_instance_id = StringField(validators=[_optional_id])
    quantity = StringField(default="1", validators=[_quantity])
    source = StringField(validators=[_owner])
    destination = StringField(validators=[_owner])
    equip = StringField(validators=[_flag])

    def move(self) -> Move:
        """Return what was asked for; call it on a valid form only."""
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
    """Take an item out of a character's postmaster."""

    item_hash = StringField(validators=[_hash])
    item_instance_id = StringField(validators=[_optional_id])
    quantity = StringField(default="1", validators=[_quantity])
    character_id = StringField(validators=[_id])

    def command(self) -> Command:
        """Return the command to take the item out."""
        owner = (self.character_id.data or "").strip()
        return PullFromPostmaster(
            move=Move(
                item_hash=int(self.item_hash.data or 0),
                instance_id=(self.item_instance_id.data or "").strip() or None,
                quantity=int(self.quantity.data or 0),
                source=owner,
                destination=owner,
                lost=True,
            )
        )


class EquipForm(ActionForm):
    """Equip items that the character holds; ``item_instance_id`` may come several times."""

    character_id = StringField(validators=[_id])
    item_instance_id = StringField(validators=[_id])

    def instance_ids(self) -> list[str]:
        """Return every instance id that came."""
        return [str(one).strip() for one in self.item_instance_id.raw_data or ()]

    def command(self) -> Command:
        """Return the command to equip them."""
        character_id = (self.character_id.data or "").strip()
        return EquipItems(character_id=character_id, instance_ids=tuple(self.instance_ids()))

    def validate(self, extra_validators: object = None) -> bool:
        """Check every id that came, not only the first."""
        if not super().validate(extra_validators):
            return False
        if all(_ID.fullmatch(one) for one in self.instance_ids()):
            return True
        self.item_instance_id.errors = ["item_instance_id must be an id: digits only."]
        return False


class LockForm(ActionForm):
    """Lock or unlock an item."""

    item_instance_id = StringField(validators=[_id])
    locked = StringField(validators=[_yes_or_no])

    def command(self) -> Command:
        """Return the command to set the lock."""
        return SetLock(
            instance_id=(self.item_instance_id.data or "").strip(),
            locked=(self.locked.data or "").strip() == "1",
        )


class UndoForm(ActionForm):
    """Take the last job back, if it is still that one."""

    job_id = StringField(validators=[_job])

    def command(self) -> Command:
        """Return the command to take the job back."""
        return Undo(job_id=(self.job_id.data or "").strip())
