"""The operational log has only members that are named, one JSON object a line, on stderr."""

import ast
import json

import structlog

from tests.rules.tree import sources
from vault.cli.logs import ALLOWED, configure

LEVELS = {"debug", "info", "warning", "error", "critical"}


def test_a_member_that_nobody_named_is_dropped(capfd):
    configure()
    structlog.get_logger().error("value-damaged", error="OpenError", email="ana@example.org")
    structlog.reset_defaults()
    out, err = capfd.readouterr()
    assert out == ""
    said = json.loads(err)
    assert said.pop("timestamp").endswith("Z")
    assert said == {"event": "value-damaged", "level": "error", "error": "OpenError", "dropped": 1}


def test_what_is_below_a_warning_is_not_written(capfd):
    configure()
    structlog.get_logger().info("hello")
    structlog.reset_defaults()
    assert capfd.readouterr() == ("", "")


def test_every_event_is_a_constant_whose_members_are_named():
    calls = [
        (source.path, call)
        for source in sources()
        for call in ast.walk(source.tree())
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in LEVELS
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "logger"
    ]
    assert len(calls) > 10
    for path, call in calls:
        # A name stands for one of several constants; text is never put together here.
        assert len(call.args) == 1, path
        assert isinstance(call.args[0], ast.Constant | ast.Name), path
        members = {keyword.arg for keyword in call.keywords}
        assert members <= ALLOWED, f"{path}:{call.lineno} {members - ALLOWED}"
