"""JSON schemas from Bungie's official description, to check requests and answers.

``bungie-api.json`` has the facts (made by ``scripts/distil_bungie_api.py``). Two errors of the
description are corrected here: in JSON an int64 is a string, and a ``byte`` is a number. In
addition, numbers must fit their format, dates must be dates, values of enums must be known ones,
and an object must not have a field that is not described, except for the fields that Bungie is
known to send without a description.
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
_NUMBER_RANGES = {
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "byte": (0, 255),
}
_DATE_PATTERN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"
_SIMPLE_TYPES: dict[str, dict[str, Any]] = {
    **{
        name: {"type": "integer", "minimum": minimum, "maximum": maximum}
        for name, (minimum, maximum) in _NUMBER_RANGES.items()
    },
    "int64": {"type": "string", "pattern": r"^-?\d{1,19}$"},
    "date-time": {"type": "string", "pattern": _DATE_PATTERN},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "object": {"type": "object"},
}
# Bungie sends these fields (seen in captures) and does not describe them.
_UNDESCRIBED_FIELDS = {"Destiny.Entities.Items.DestinyItemComponent": {"dismantlePermission"}}
# The base of all definitions: each table adds its own fields.
_OPEN_TYPES = {"Destiny.Definitions.DestinyDefinition"}


@cache
def facts() -> dict[str, Any]:
    """The distilled facts: operations, types and enums."""
    violations: dict[str, Any] = msgspec.json.decode(FACTS.read_bytes())
    return violations


@cache
def description() -> dict[str, Any]:
    """The facts as a document of JSON schemas."""
    types = {name: _object_schema(name, fields) for name, fields in facts()["types"].items()}
    replies = {
        name: _object_schema(name, operation["reply"])
        for name, operation in facts()["operations"].items()
    }
    return {"types": types, "replies": replies}


def _object_schema(name: str, described: dict[str, Any]) -> dict[str, Any]:
    if "is" in described:
        return schema_of(described["is"])
    fields = {field: schema_of(type_text) for field, type_text in described["fields"].items()}
    fields |= {field: {} for field in _UNDESCRIBED_FIELDS.get(name, ())}
    return {
        "type": "object",
        "properties": fields,
        "required": described.get("required", []),
        "additionalProperties": name in _OPEN_TYPES,
    }


def schema_of(type_text: str) -> dict[str, Any]:
    """Return the JSON schema of a type as the facts write it."""
    if type_text.endswith("?"):
        return {"anyOf": [schema_of(type_text[:-1]), {"type": "null"}]}
    if type_text.startswith("["):
        return {"type": "array", "items": schema_of(type_text[1:-1])}
    if type_text.startswith("{"):
        return {"type": "object", "additionalProperties": schema_of(type_text[1:-1])}
    if type_text.startswith("flags "):
        return {"type": "integer"}
    if type_text.startswith("enum "):
        return {"type": "integer", "enum": facts()["enums"][type_text.removeprefix("enum ")]}
    return _SIMPLE_TYPES.get(type_text) or {"$ref": f"bungie:#/types/{type_text}"}


@cache
def _registry() -> Registry[Any]:
    resource = Resource.from_contents(description(), default_specification=DRAFT202012)
    return Registry().with_resource("bungie:", resource)


def find_violations(schema: dict[str, Any], value: Any) -> list[str]:
    """Return the violations of a schema by a value."""
    validator = Draft202012Validator(schema, registry=_registry())
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in list(validator.iter_errors(value))[:20]
    ]


@cache
def operations() -> dict[str, tuple[str, str]]:
    """Return method and path of each operation by name."""
    return {
        name: (operation["method"], operation["path"])
        for name, operation in facts()["operations"].items()
    }


def find_answer_violations(operation: str, body: Any) -> list[str]:
    """Return the violations in the answer of an operation."""
    return find_violations({"$ref": f"bungie:#/replies/{operation}"}, body)


def find_request_violations(method: str, path: str, query: dict[str, str], body: Any) -> list[str]:
    """Return the violations in a request to the Platform; *path* is without /Platform."""
    for operation in facts()["operations"].values():
        template = operation["path"]
        pattern = re.sub(r"\{\w+\}", "[^/]+", re.sub(r"([.])", r"\\\1", template))
        if operation["method"] == method and re.fullmatch(pattern, path):
            return _check_request(operation, path, query, body)
    return [f"no operation {method} {path}"]


def _check_request(
    operation: dict[str, Any], path: str, query: dict[str, str], body: Any
) -> list[str]:
    violations = []
    path_parts = dict(zip(operation["path"].split("/"), path.split("/"), strict=True))
    query_names = set()
    for parameter, type_text in operation["parameters"].items():
        location, _, name = parameter.partition(" ")
        value = path_parts.get("{" + name + "}") if location == "path" else query.get(name)
        query_names |= {name} if location == "query" else set()
        if value is not None and not _has_type(type_text, value):
            violations.append(f"{name}: {value!r} does not fit")
    violations += [f"{name}: no such parameter" for name in query.keys() - query_names]
    if operation["body"]:
        violations += find_violations(schema_of(operation["body"]), body)
    return violations


def _has_type(type_text: str, text: str) -> bool:
    """Tell whether a text in a path or a query has the type of a parameter."""
    if type_text.startswith("["):
        return bool(text) and all(
            _has_type(type_text[1:-1], item_text) for item_text in text.split(",")
        )
    if type_text.startswith("enum "):
        members = facts()["enums"][type_text.removeprefix("enum ")]
        return text.lstrip("-").isdecimal() and int(text) in members
    is_whole_number = type_text in {"int16", "int32", "int64", "uint32", "byte", "integer"}
    return re.fullmatch(r"-?\d+" if is_whole_number else r".*", text) is not None
