"""The API's description names every route, and real answers fit it."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest

from prp_guide.web import callback_api, chat_api, health
from prp_guide.web.health import read_openapi
from tests.web.web_process import Web, bearer, message, reply

METHODS = ("get", "post", "delete", "put", "patch")


def documented() -> set[tuple[str, str]]:
    paths = read_openapi()["paths"].items()
    return {(path, method) for path, methods in paths for method in methods if method in METHODS}


def routed() -> set[tuple[str, str]]:
    found = set()
    for route in (*chat_api.routes, *callback_api.routes, *health.routes):
        if route.methods is None:
            methods = [method for method in METHODS if hasattr(route.endpoint, method)]
        else:
            methods = [method.lower() for method in route.methods if method != "HEAD"]
        found |= {(route.path, method) for method in methods}
    return found


def test_every_route_is_described_and_no_other() -> None:
    assert documented() == routed()


def schema_for(path: str, method: str, status: int) -> dict[str, Any] | None:
    """The JSON schema of an answer; `nullable` of OpenAPI 3.0 said as JSON Schema says it."""
    document = copy.deepcopy(read_openapi())
    answer = document["paths"][path][method]["responses"][str(status)]
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    if "content" not in answer:
        return None
    (content,) = answer["content"].values()
    return _plain({**content["schema"], "components": document["components"]})


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    node = {key: _plain(value) for key, value in node.items()}
    if node.pop("nullable", False):
        node["type"] = [node["type"], "null"]
    return node


def check(response: Any, path: str, method: str) -> None:
    schema = schema_for(path, method, response.status_code)
    if schema is None:
        assert response.content == b""
    else:
        jsonschema.Draft7Validator(schema).validate(response.json())


def test_real_answers_fit(web: Web) -> None:
    opened = web.http.post("/api/chat/sessions")
    token = opened.json()["session"]
    check(opened, "/api/chat/sessions", "post")
    source = {"section": "Post-treatment", "url": "/#x", "reviewed": None}
    web.channel.answer = lambda turn: reply(
        message(source=source), message(kind="callback", step="name", error="Please write a name.")
    )
    for text in ("hi", "my throat is swelling and i cant breathe", ""):
        check(web.say(token, text), "/api/chat/messages", "post")
    web.channel.answer = lambda turn: (500, {})
    check(web.say(token, "hi"), "/api/chat/messages", "post")
    check(web.http.get("/api/chat/messages", headers=bearer(token)), "/api/chat/messages", "get")
    rated = {"message": web.history(token)[0]["id"], "helpful": True}
    for body in (rated, {}):
        response = web.http.post("/api/chat/feedback", json=body, headers=bearer(token))
        check(response, "/api/chat/feedback", "post")
    for body in ({"name": "Jo", "phone": "310 555 0147", "best_time": "now"}, {}):
        response = web.http.post("/api/callbacks", json=body, headers={"Idempotency-Key": "12345678"})
        check(response, "/api/callbacks", "post")
    for path in ("/healthz", "/readyz", "/api/openapi.json"):
        check(web.http.get(path), path, "get")
    for method in ("put", "delete", "delete", "put"):
        check(web.http.request(method, "/api/chat/sessions", headers=bearer(token)), "/api/chat/sessions", method)
    assert web.http.get("/api/openapi.json").json() == read_openapi()


@pytest.mark.parametrize("fault", [{"kind": "novel"}, {"extra": 1}, {"step": "address"}, {"source": "page"}])
def test_the_description_refuses_what_is_not_promised(fault: dict[str, Any]) -> None:
    schema = schema_for("/api/chat/messages", "post", 200)
    assert schema is not None
    validator = jsonschema.Draft7Validator(schema)
    assert validator.is_valid({"messages": [message()]})
    assert not validator.is_valid({"messages": [{**message(), **fault}]})
