"""What the OpenAPI document says beside the addresses: one shape for every error."""

from typing import Any

PROBLEM = {
    "type": "object",
    "description": "An error, as RFC 9457 writes it. `code` names the rule for programs.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "example": "holds_stand"},
        "detail": {"type": "string", "description": "For people: what happened and what helps."},
        "errors": {
            "type": "object",
            "additionalProperties": {},
            "description": "With `invalid`: what is wrong with each field.",
        },
        "holds": {
            "type": "array",
            "items": {"type": "object", "additionalProperties": {}},
            "description": "With `holds_stand`: every hold that stands.",
        },
        "changes": {
            "type": "array",
            "items": {"type": "object", "additionalProperties": {}},
            "description": "With `stale_page`: what moved the case since `based_on`.",
        },
    },
}
ANY_PROBLEM = {
    "description": "Anything else is a problem.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe_problems(result: dict[str, Any], **context: Any) -> dict[str, Any]:
    """Give every operation its errors. A postprocessing hook of drf-spectacular."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = ANY_PROBLEM
    return result
