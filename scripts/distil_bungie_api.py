"""Distil Bungie's official description into the facts that the contract tests need.

usage: python scripts/distil_bungie_api.py OPENAPI.json > tests/contract/bungie-api.json

The facts are operations, paths, parameters, fields, types, enum numbers and what is required; the
prose stays behind. A type is a string: ``uint32``, ``date-time``, ``boolean``; ``enum NAME`` and
``flags NAME`` are numbers of an enum; ``[T]`` is a list, ``{T}`` an object with values of T; any
other word names an entry of ``types``. A question mark at the end allows null.
"""

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Print the facts of the description that the command line names, an entry a line."""
    document = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    facts = distil(document)
    sections = [f'"version": {json.dumps(facts.pop("version"))}']
    for section, entries in sorted(facts.items()):
        lines = [
            f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in sorted(entries.items())
        ]
        sections.append(f'"{section}": {{\n' + ",\n".join(lines) + "\n}")
    print("{\n" + ",\n".join(sections) + "\n}")


def distil(document: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of an OpenAPI document."""
    schemas = document["components"]["schemas"]
    return {
        "version": document["info"]["version"],
        "operations": _operations(document),
        "enums": {
            name: [int(value["numericValue"]) for value in schema["x-enum-values"]]
            for name, schema in schemas.items()
            if "x-enum-values" in schema
        },
        "types": {
            name: _fields(schema)
            for name, schema in schemas.items()
            if "x-enum-values" not in schema
        },
    }


def _operations(document: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method not in {"get", "post"}:
                continue
            name = operation["operationId"].rpartition(".")[2]
            reply = operation["responses"]["200"]["$ref"].rpartition("/")[2]
            content = document["components"]["responses"][reply]["content"]["application/json"]
            found[name] = {
                "method": method.upper(),
                "path": path,
                "parameters": {
                    f"{parameter['in']} {parameter['name']}": _type_of(parameter["schema"])
                    for parameter in operation.get("parameters", [])
                },
                "body": _body(operation),
                "reply": _fields(content["schema"]),
            }
    return found


def _body(operation: dict[str, Any]) -> str | None:
    if "requestBody" not in operation:
        return None
    return _type_of(operation["requestBody"]["content"]["application/json"]["schema"])


def _fields(schema: dict[str, Any]) -> dict[str, Any]:
    if "properties" not in schema:
        return {"is": _type_of(schema)}
    facts: dict[str, Any] = {
        "fields": {name: _type_of(value) for name, value in schema["properties"].items()}
    }
    if schema.get("required"):
        facts["required"] = sorted(schema["required"])
    return facts


def _type_of(schema: dict[str, Any]) -> str:
    optional = "?" if schema.get("nullable") else ""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2]) + optional
    if "allOf" in schema:
        return _type_of(schema["allOf"][0]) + optional
    if "x-enum-reference" in schema:
        kind = "flags" if schema.get("x-enum-is-bitmask") else "enum"
        return f"{kind} {schema['x-enum-reference']['$ref'].rpartition('/')[2]}{optional}"
    if schema["type"] == "array":
        return f"[{_type_of(schema['items'])}]{optional}"
    if schema["type"] == "object":
        values = schema.get("additionalProperties")
        return f"{{{_type_of(values)}}}{optional}" if values else "object" + optional
    return str(schema.get("format", schema["type"])) + optional


if __name__ == "__main__":
    main()
