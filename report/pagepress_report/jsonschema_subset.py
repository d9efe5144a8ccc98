# SPDX-License-Identifier: Apache-2.0
"""A validator for the part of JSON Schema that results.schema.json uses.

Written here because Debian's python3-jsonschema would be a dependency for forty
lines of work, and because its messages do not name a key as plainly.

Limitations: only the keywords in KEYWORDS; `$ref` only into `#/$defs`. A schema
that uses anything else is refused (SchemaError), not half-checked.
"""

import json
import re

KEYWORDS = {
    "$schema", "$comment", "$defs", "$ref", "title", "type", "const", "enum", "pattern",
    "minimum", "required", "properties", "additionalProperties", "items", "minItems", "maxItems",
}
_TYPES = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
    "boolean": bool, "null": type(None),
}
_PLAIN_NAMES = {
    "object": "an object", "array": "a list", "string": "a string", "integer": "a whole number",
    "number": "a number", "boolean": "true or false", "null": "null",
}


class SchemaError(Exception):
    """The schema itself cannot be used."""


class ValidationError(Exception):
    """The document breaks the schema; str() names the key."""


def _is(value, name):
    # bool is an int in Python, but not a number in JSON.
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name])


def _show(value):
    """The value, short enough for a message; objects and lists only by kind."""
    if isinstance(value, (dict, list)) or value is None:
        return _describe(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _describe(value):
    for name in ("null", "boolean", "string", "number", "array", "object"):
        if _is(value, name):
            return _PLAIN_NAMES[name]
    raise AssertionError(f"not a JSON value: {value!r}")


def join(path, key):
    """The name of `key` below `path`, as docs/results.md writes paths."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)


def validate(value, schema, root=None, path=""):
    """Raises ValidationError at the first place where value breaks schema."""
    root = root if root is not None else schema
    unknown = set(schema) - KEYWORDS
    if unknown:
        raise SchemaError(f"unsupported keyword {sorted(unknown)[0]!r}")
    where = path or "the document"

    if "$ref" in schema:
        prefix = "#/$defs/"
        name = schema["$ref"]
        if not name.startswith(prefix) or name[len(prefix):] not in root.get("$defs", {}):
            raise SchemaError(f"cannot resolve $ref {name!r}")
        validate(value, root["$defs"][name[len(prefix):]], root, path)

    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(_is(value, name) for name in names):
            wanted = " or ".join(_PLAIN_NAMES[name] for name in names)
            raise ValidationError(f"{where}: expected {wanted}, found {_show(value)}")
    if "const" in schema and (value != schema["const"] or isinstance(value, bool)):
        raise ValidationError(f"{where}: expected {_show(schema['const'])}, found {_show(value)}")
    if "enum" in schema and value not in schema["enum"]:
        wanted = ", ".join(_show(item) for item in schema["enum"])
        raise ValidationError(f"{where}: expected one of {wanted}, found {_show(value)}")

    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            raise ValidationError(f"{where}: {_show(value)} does not match {schema['pattern']}")
    elif _is(value, "number"):
        if "minimum" in schema and value < schema["minimum"]:
            raise ValidationError(f"{where}: {_show(value)} is less than {schema['minimum']}")
    elif isinstance(value, dict):
        _validate_object(value, schema, root, path)
    elif isinstance(value, list):
        _validate_array(value, schema, root, path, where)


def _validate_object(value, schema, root, path):
    for key in schema.get("required", ()):
        if key not in value:
            raise ValidationError(f"missing key: {join(path, key)}")
    properties = schema.get("properties", {})
    for key, item in value.items():
        inner = properties.get(key, schema.get("additionalProperties"))
        if inner is False:
            raise ValidationError(f"unknown key: {join(path, key)}")
        if isinstance(inner, dict):
            validate(item, inner, root, join(path, key))


def _validate_array(value, schema, root, path, where):
    if len(value) < schema.get("minItems", 0):
        raise ValidationError(
            f"{where}: {len(value)} entries, at least {schema['minItems']} expected")
    if len(value) > schema.get("maxItems", len(value)):
        raise ValidationError(
            f"{where}: {len(value)} entries, at most {schema['maxItems']} expected")
    if "items" in schema:
        for index, item in enumerate(value):
            validate(item, schema["items"], root, join(path, index))
