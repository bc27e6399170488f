"""What a detector says of itself is told by ``check`` and by ``/readyz``."""

from __future__ import annotations

from litestar.testing import TestClient

from guardrail.check import checked
from guardrail.policy import parse_policy
from guardrail.proxy import create_app
from guardrail.server import Settings
from guardrail.snapshot import take_snapshot
from tests.guardrail.policy_detectors import Words

HERE = "tests.guardrail.test_remarks:Remarking"


class Remarking(Words):
    remarks = ("remarking knows two words",)


def stages(*detectors: str) -> str:
    return "\n".join(
        f"  - {{detect: '{one}', name: s{n}, rules: [{{category: hate, at_least: 0.5, "
        "action: block}], on_error: block, timeout_s: 5}"
        for n, one in enumerate(detectors)
    )


def policy(*detectors: str) -> str:
    return f"version: 1\nname: p\ninput:\n{stages(*detectors)}\noutput:\n{stages(*detectors)}\n"


def ready(tmp_path, text: str) -> dict:
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    settings = Settings(policy=str(path), upstream="http://127.0.0.1:9", reload=False)
    with TestClient(create_app(settings)) as client:
        for _ in range(200):
            told = client.get("/readyz").json()
            if told["ready"]:
                return told
    raise AssertionError(told)


def test_check_tells_what_a_detector_says_of_itself():
    _, remarks = checked(parse_policy(policy(HERE)))

    assert "remarking knows two words" in remarks


def test_each_thing_is_told_once_however_many_stages_use_the_detector():
    snapshot = take_snapshot(parse_policy(policy(HERE, HERE)), {}, 1)

    assert snapshot.remarks() == ["remarking knows two words"]


def test_a_detector_without_remarks_has_nothing_told_of_it():
    plain = HERE.replace("test_remarks:Remarking", "policy_detectors:Words")

    assert take_snapshot(parse_policy(policy(plain)), {}, 1).remarks() == []


def test_readyz_tells_what_a_detector_says_of_itself(tmp_path):
    told = ready(tmp_path, policy(HERE))

    assert told["remarks"] == ["remarking knows two words"]


def test_readyz_of_a_policy_without_remarks_is_as_short_as_it_was(tmp_path):
    plain = HERE.replace("test_remarks:Remarking", "policy_detectors:Words")

    assert set(ready(tmp_path, policy(plain))) == {"ready", "policy"}
