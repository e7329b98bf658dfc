"""What Bungie's official description says, made fit to check what goes over the wire.

``bungie-api.json`` holds its facts (``scripts/distil_bungie_api.py`` made it). Two things in the
description are wrong and are put right here: int64 is a string on the wire, ``byte`` a number.
Beyond what it says, numbers must fit their format, dates must be dates, values of enums must be
known ones, and no object may carry a field that is not described, but for what Bungie is known to
send without saying so.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FACTS = Path(__file__).with_name("bungie-api.json")
_NUMBERS = {
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "byte": (0, 255),
}
_DATE = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"
_SIMPLE: dict[str, dict[str, Any]] = {
    **{
        name: {"type": "integer", "minimum": least, "maximum": most}
        for name, (least, most) in _NUMBERS.items()
    },
    "int64": {"type": "string", "pattern": r"^-?\d{1,19}$"},
    "date-time": {"type": "string", "pattern": _DATE},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "object": {"type": "object"},
}
# Sent by Bungie, seen in captures, and not described.
_UNDESCRIBED = {"Destiny.Entities.Items.DestinyItemComponent": {"dismantlePermission"}}
# The base of all definitions: each table adds its own fields.
_OPEN = {"Destiny.Definitions.DestinyDefinition"}


@cache
def facts() -> dict[str, Any]:
    """The distilled facts: operations, types and enums."""
    found: dict[str, Any] = msgspec.json.decode(FACTS.read_bytes())
    return found


@cache
def description() -> dict[str, Any]:
    """The facts as a document of JSON schemas."""
    types = {name: _object(name, fields) for name, fields in facts()["types"].items()}
    replies = {
        name: _object(name, operation["reply"]) for name, operation in facts()["operations"].items()
    }
    return {"types": types, "replies": replies}


def _object(name: str, described: dict[str, Any]) -> dict[str, Any]:
    if "is" in described:
        return schema_of(described["is"])
    fields = {field: schema_of(kind) for field, kind in described["fields"].items()}
    fields |= {field: {} for field in _UNDESCRIBED.get(name, ())}
    return {
        "type": "object",
        "properties": fields,
        "required": described.get("required", []),
        "additionalProperties": name in _OPEN,
    }


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON schema of a type as the facts write it."""
    if kind.endswith("?"):
        return {"anyOf": [schema_of(kind[:-1]), {"type": "null"}]}
    if kind.startswith("["):
        return {"type": "array", "items": schema_of(kind[1:-1])}
    if kind.startswith("{"):
        return {"type": "object", "additionalProperties": schema_of(kind[1:-1])}
    if kind.startswith("flags "):
        return {"type": "integer"}
    if kind.startswith("enum "):
        return {"type": "integer", "enum": facts()["enums"][kind.removeprefix("enum ")]}
    return _SIMPLE.get(kind) or {"$ref": f"bungie:#/types/{kind}"}


@cache
def _registry() -> Registry[Any]:
    resource = Resource.from_contents(description(), default_specification=DRAFT202012)
    return Registry().with_resource("bungie:", resource)


def faults(schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with a value, by a schema."""
    validator = Draft202012Validator(schema, registry=_registry())
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in list(validator.iter_errors(value))[:20]
    ]


@cache
def operations() -> dict[str, tuple[str, str]]:
    """Each operation's name with its method and path."""
    return {
        name: (operation["method"], operation["path"])
        for name, operation in facts()["operations"].items()
    }


def faults_of_answer(operation: str, body: Any) -> list[str]:
    """What is wrong with the answer of an operation."""
    return faults({"$ref": f"bungie:#/replies/{operation}"}, body)


def faults_of_request(method: str, path: str, query: dict[str, str], body: Any) -> list[str]:
    """What is wrong with a request to the Platform; *path* begins behind /Platform."""
    for operation in facts()["operations"].values():
        template = operation["path"]
        pattern = re.sub(r"\{\w+\}", "[^/]+", re.sub(r"([.])", r"\\\1", template))
        if operation["method"] == method and re.fullmatch(pattern, path):
            return _faults_of_request(operation, path, query, body)
    return [f"no operation {method} {path}"]


def _faults_of_request(
    operation: dict[str, Any], path: str, query: dict[str, str], body: Any
) -> list[str]:
    found = []
    parts = dict(zip(operation["path"].split("/"), path.split("/"), strict=True))
    known = set()
    for parameter, kind in operation["parameters"].items():
        place, _, name = parameter.partition(" ")
        given = parts.get("{" + name + "}") if place == "path" else query.get(name)
        known |= {name} if place == "query" else set()
        if given is not None and not _fits(kind, given):
            found.append(f"{name}: {given!r} does not fit")
    found += [f"{name}: no such parameter" for name in query.keys() - known]
    if operation["body"]:
        found += faults(schema_of(operation["body"]), body)
    return found


def _fits(kind: str, word: str) -> bool:
    """Whether a word of a path or a query is what a parameter asks for."""
    if kind.startswith("["):
        return bool(word) and all(_fits(kind[1:-1], part) for part in word.split(","))
    if kind.startswith("enum "):
        known = facts()["enums"][kind.removeprefix("enum ")]
        return word.lstrip("-").isdecimal() and int(word) in known
    whole_number = kind in {"int16", "int32", "int64", "uint32", "byte", "integer"}
    return re.fullmatch(r"-?\d+" if whole_number else r".*", word) is not None
