"""The official description of Bungie's API, made fit to check what goes over the wire.

Two things in it are wrong and are rewritten: int64 is a string on the wire, ``byte`` a
number. Beyond what it says, numbers must fit their format, dates must be dates, values of
enums must be known ones, and no object may carry a field that is not described, but for
what Bungie is known to send without saying so.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DESCRIPTION = Path(__file__).parents[3] / "shared" / "data" / "bungie-openapi-subset.json"
_RANGES = {
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
}
_DATE = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"
# Sent by Bungie, seen in captures, and not described.
_UNDESCRIBED = {"Destiny.Entities.Items.DestinyItemComponent": {"dismantlePermission"}}
# The base of all definitions: each table adds its own fields.
_OPEN = {"Destiny.Definitions.DestinyDefinition"}


@cache
def description() -> dict[str, Any]:
    """The description, rewritten."""
    document = msgspec.json.decode(DESCRIPTION.read_bytes())
    schemas = document["components"]["schemas"]
    enums = {
        name: [int(value["numericValue"]) for value in schema["x-enum-values"]]
        for name, schema in schemas.items()
        if "x-enum-values" in schema
    }
    for name, schema in schemas.items():
        if "properties" in schema and name not in _OPEN:
            for extra in _UNDESCRIBED.get(name, ()):
                schema["properties"][extra] = {}
            schema["additionalProperties"] = False
    _rewrite(document, enums)
    return document


def _rewrite(node: Any, enums: dict[str, list[int]]) -> None:
    if isinstance(node, dict):
        for value in node.values():
            _rewrite(value, enums)
        _correct(node)
        _limit(node, enums)
    elif isinstance(node, list):
        for value in node:
            _rewrite(value, enums)


def _correct(node: dict[str, Any]) -> None:
    """Say of one schema what is true on the wire."""
    match node.get("type"), node.get("format"):
        case "integer", "int64":
            node.update(type="string", pattern=r"^-?\d{1,19}$")
        case "string", "byte":
            node.update(type="integer", minimum=0, maximum=255)
        case _, "date-time":
            node["pattern"] = _DATE
        case "integer", form if form in _RANGES:
            node["minimum"], node["maximum"] = _RANGES[form]


def _limit(node: dict[str, Any], enums: dict[str, list[int]]) -> None:
    """Let an enum be one of its values, and null be null where that is allowed."""
    reference = node.get("x-enum-reference", {}).get("$ref", "")
    known = enums.get(reference.rpartition("/")[2])
    if known and not node.get("x-enum-is-bitmask"):
        node["enum"] = [*known, *([None] if node.get("nullable") else [])]
    if node.get("nullable") and isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]


@cache
def _registry() -> Registry:
    resource = Resource.from_contents(description(), default_specification=DRAFT202012)
    return Registry().with_resource("bungie:", resource)


def faults(reference: str, value: Any) -> list[str]:
    """What is wrong with a value, by the schema at a place of the description."""
    absolute = _absolute(reference)
    validator = Draft202012Validator({"$ref": absolute}, registry=_registry())
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in list(validator.iter_errors(value))[:20]
    ]


def _absolute(reference: str) -> str:
    return "bungie:" + reference.replace("{", "%7B").replace("}", "%7D")


@cache
def operations() -> dict[str, tuple[str, str]]:
    """Each operation's name with its method and path."""
    return {
        operation["operationId"].rpartition(".")[2]: (method.upper(), path)
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post"}
    }


def _of(method: str, path: str) -> dict[str, Any]:
    return description()["paths"][path][method.lower()]


def faults_of_answer(operation: str, body: Any) -> list[str]:
    """What is wrong with the answer of an operation."""
    method, path = operations()[operation]
    answer = _of(method, path)["responses"]["200"]["$ref"].rpartition("/")[2]
    return faults(f"#/components/responses/{answer}/content/application~1json/schema", body)


def faults_of_request(method: str, path: str, query: dict[str, str], body: Any) -> list[str]:
    """What is wrong with a request to the Platform; *path* begins behind /Platform."""
    for template, methods in description()["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", re.sub(r"([.])", r"\\\1", template))
        if method.lower() in methods and re.fullmatch(pattern, path):
            return _faults_of_request(methods[method.lower()], template, path, query, body)
    return [f"no operation {method} {path}"]


def _faults_of_request(
    operation: dict[str, Any], template: str, path: str, query: dict[str, str], body: Any
) -> list[str]:
    found = []
    named = dict(zip(template.split("/"), path.split("/"), strict=True))
    for parameter in operation.get("parameters", []):
        in_path = parameter["in"] == "path"
        key = "{" + parameter["name"] + "}" if in_path else parameter["name"]
        inside = named if in_path else query
        if key in inside and not _fits(parameter["schema"], inside[key]):
            found.append(f"{parameter['name']}: {inside[key]!r} does not fit")
    known = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
    found += [f"{name}: no such parameter" for name in query.keys() - known]
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        found += faults(schema["$ref"], body)
    return found


def _fits(schema: dict[str, Any], word: str) -> bool:
    """Whether a word of a path or a query is what a parameter asks for."""
    if schema["type"] == "array":
        return bool(word) and all(_fits(schema["items"], part) for part in word.split(","))
    if "enum" in schema:
        return word.lstrip("-").isdecimal() and int(word) in schema["enum"]
    pattern = schema.get("pattern", r"-?\d+" if schema["type"] == "integer" else ".*")
    return re.search(f"^(?:{pattern})$", word) is not None
