"""The API's document as people read it: routes in groups, fields in rows. Data in, data out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Schemas = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A field or parameter. `type` in words; `shape` is the name of the shape that it holds, when it holds one."""

    name: str
    type: str
    shape: str | None
    is_needed: bool


@dataclass(frozen=True, slots=True)
class Route:
    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Row]
    body: list[Row]
    answers: list[tuple[str, str | None]]
    problems: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    description: str
    routes: list[Route]


@dataclass(frozen=True, slots=True)
class ShapeRows:
    name: str
    description: str
    rows: list[Row]


def groups(document: dict[str, Any]) -> list[Group]:
    """The document's routes by tag, in the document's order."""
    schemas = document["components"]["schemas"]
    found: dict[str, list[Route]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].append(_route(path, method, operation, schemas))
    return [Group(tag["name"], tag["description"], found[tag["name"]]) for tag in document["tags"]]


def shapes(document: dict[str, Any]) -> list[ShapeRows]:
    """What the API answers, each with its fields. Bodies stand at their routes."""
    schemas = document["components"]["schemas"]
    bodies = {
        _ref(operation["requestBody"]["content"]["application/json"]["schema"])
        for methods in document["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
    }
    return [
        ShapeRows(name, schema.get("description", ""), _rows(schema))
        for name, schema in schemas.items()
        if name not in bodies and "properties" in schema
    ]


def _route(path: str, method: str, operation: dict[str, Any], schemas: Schemas) -> Route:
    body = operation.get("requestBody")
    schema = schemas[_ref(body["content"]["application/json"]["schema"])] if body else {}
    answers, problems = [], []
    for status, response in operation["responses"].items():
        if int(status) < 400:
            content = response.get("content", {}).get("application/json", {})
            answers.append((status, _ref(content["schema"]) if content else None))
        else:
            codes = response["description"].split(": ", 1)[1]
            problems.append((status, [code.strip("`") for code in codes.split(", ")]))
    return Route(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation["description"],
        parameters=[
            Row(item["name"], _words(item["schema"]), None, item.get("required", False))
            for item in operation["parameters"]
        ],
        body=_rows(schema),
        answers=answers,
        problems=problems,
    )


def _rows(schema: dict[str, Any]) -> list[Row]:
    needed = schema.get("required", [])
    return [
        Row(name, _words(field), _shape(field), name in needed) for name, field in schema.get("properties", {}).items()
    ]


def _ref(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _shape(schema: dict[str, Any]) -> str | None:
    for part in (schema, schema.get("items", {}), *schema.get("anyOf", ())):
        if "$ref" in part:
            return _ref(part)
    return None


def _words(schema: dict[str, Any]) -> str:
    """A type in a few words: `integer, 1 to 20`."""
    if "anyOf" in schema:
        return " or ".join(_words(part) for part in schema["anyOf"])
    if "$ref" in schema:
        return _ref(schema)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = schema.get("format") or schema.get("type", "any")
    if kind == "array":
        return f"list of {_words(schema['items'])}"
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        # The largest id says nothing to people.
        return f"{kind}, {least} to {most}" if most < 2**53 else str(kind)
    if "maxLength" in schema:
        return f"{kind}, at most {schema['maxLength']} characters"
    return str(kind)
