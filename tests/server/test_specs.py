"""Specs on a server: uploaded, validated, activated, rolled back; a bad one never replaces a good one."""

from __future__ import annotations

import pytest

from tests.server.conftest import Shared

ROWS = "image,class,x0,y0,x1,y1\na,bolt,0,0,30,4\na,bolt,0,9,20,13\n"


def _verdict(shared: Shared, product: str, **params: str) -> str:
    answer = shared.client.post(
        f"/v1/products/{product}/check", content=ROWS, headers={"Content-Type": "text/csv"}, params=params
    )
    return str(answer.json().get("verdict", answer.json().get("detail")))


def _upload(shared: Shared, product: str, text: str, **params: str) -> str:
    answer = shared.client.post(f"/v1/products/{product}/revisions", content=text, headers=shared.writer, params=params)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["revision"])


def test_a_rollback_takes_back_the_last_activation(shared_server: Shared) -> None:
    two = _upload(shared_server, "rolled", "object bolt: 2", activate="true")
    three = _upload(shared_server, "rolled", "object bolt: 3", activate="true")
    assert _verdict(shared_server, "rolled") == "fail"
    assert _verdict(shared_server, "rolled", revision=two) == "pass"
    about = shared_server.client.get("/v1/products/rolled").json()
    assert about["revisions"] == sorted([two, three])
    assert about["active"][""]["revision"] == three
    rollback = "/v1/products/rolled/rollback"
    assert shared_server.client.post(rollback, headers=shared_server.writer).json()["revision"] == two
    assert _verdict(shared_server, "rolled") == "pass"
    refused = shared_server.client.post(rollback, headers=shared_server.writer)
    assert refused.status_code == 404
    assert _verdict(shared_server, "rolled") == "pass"


def test_a_bad_spec_never_replaces_a_good_one(shared_server: Shared) -> None:
    _upload(shared_server, "guarded", "object bolt: 2", activate="true")
    for text, said in [("object bolt: 2-3", "E186"), ("object bolt\nrule r: bolt.colour = red", "E"), ("\0\0", "")]:
        answer = shared_server.client.post(
            "/v1/products/guarded/revisions", content=text, headers=shared_server.writer, params={"activate": "true"}
        )
        assert answer.status_code == 422
        assert said in answer.text
    open_ = _upload(
        shared_server, "guarded", 'object bolt\nparam today in date_of("2026-01-01") .. date_of("2099-12-31")'
    )
    answer = shared_server.client.put(
        "/v1/products/guarded/active", json={"revision": open_}, headers=shared_server.writer
    )
    assert answer.status_code == 422
    assert "`today`" in answer.json()["detail"]
    assert _verdict(shared_server, "guarded") == "pass"
    assert len(shared_server.client.get("/v1/products/guarded").json()["revisions"]) == 2


def test_variants_of_a_product_have_their_own_parameters(shared_server: Shared) -> None:
    made = _upload(shared_server, "varied", "object bolt\nparam limit = 9 in 0 .. 9\nrule r: count(bolt) <= limit")
    for variant, limit in [("small", "1"), ("large", "5")]:
        answer = shared_server.client.put(
            "/v1/products/varied/active", params={"variant": variant}, headers=shared_server.writer,
            json={"revision": made, "parameters": {"limit": limit}},
        )  # fmt: skip
        assert answer.status_code == 200
    assert _verdict(shared_server, "varied", variant="small") == "fail"
    assert _verdict(shared_server, "varied", variant="large") == "pass"
    assert _verdict(shared_server, "varied", variant="small", param="limit=2") == "pass"
    assert _verdict(shared_server, "varied") == "no revision of `varied` is active"


def test_a_revision_holds_the_files_that_its_spec_reads(shared_server: Shared) -> None:
    spec = b'import "parts/bolts.logic"\nrule many: count(bolt) = 2'
    files = [("spec", ("main.logic", spec)), ("files", ("parts/bolts.logic", b"object bolt"))]
    answer = shared_server.client.post(
        "/v1/products/imported/revisions", files=files, params={"activate": "true"}, headers=shared_server.writer
    )
    assert answer.status_code == 201, answer.text
    assert sorted(answer.json()["files"]) == ["main.logic", "parts/bolts.logic"]
    assert _verdict(shared_server, "imported") == "pass"
    shown = shared_server.client.get(f"/v1/products/imported/revisions/{answer.json()['revision']}").json()
    assert shown["text"].encode() == spec


@pytest.mark.parametrize("name", ["../away.logic", "/etc/x.logic", ".hidden", "a/../../b"])
def test_no_file_is_written_outside_its_revision(shared_server: Shared, name: str) -> None:
    files = [("spec", ("main.logic", b"object bolt")), ("files", (name, b"object bolt"))]
    answer = shared_server.client.post("/v1/products/evil/revisions", files=files, headers=shared_server.writer)
    assert answer.status_code == 422
    assert "evil" not in shared_server.client.get("/v1/products").json()


def test_only_clients_with_a_token_may_write(shared_server: Shared) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}):
        answer = shared_server.client.post("/v1/products/x/revisions", content="object a", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    for name in ("..", "a b", "x" * 65, "%2e%2e"):
        answer = shared_server.client.post(
            f"/v1/products/{name}/revisions", content="object a", headers=shared_server.writer
        )
        assert answer.status_code in (404, 405, 422), name
