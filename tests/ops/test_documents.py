"""The tables of docs/operations.md about limits, metrics and log lines are right."""

import logging
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from destiny_web.config import ROOT
from destiny_web.web import limits
from destiny_web.web.metrics import Metrics

DOCUMENT = (ROOT / "docs/operations.md").read_text()


def rows(heading):
    """Return the cells of the first table below a heading, without its head."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = re.findall(r"^\|(.+)\|$", section, re.MULTILINE)
    return [[cell.strip() for cell in row.split("|")] for row in table[2:]]


def test_the_table_of_metrics_lists_every_one_with_its_labels():
    metrics = Metrics()
    metrics.count_request("home.index", "GET", 200, 0.1)
    metrics.count_call("/Destiny2/Manifest/", None, 0.1)
    metrics.count_job("move", None)
    metrics.observe_age(1)
    with metrics.count_refresh():
        pass
    metric_labels = {
        family.name: {name for sample in family.samples for name in sample.labels} - {"le"}
        for family in text_string_to_metric_families(metrics.exposition().decode())
        if not family.name.endswith("_created")
    }
    assert metric_labels == {
        name.strip("`").removesuffix("_total"): set(re.findall(r"`(\w+)`", labels))
        for name, labels, _ in rows("Metrics")
    }


@pytest.mark.parametrize(
    "rule", [limits.PAGES, limits.ACTIONS, limits.REFRESHES, limits.SIGN_IN, limits.READINESS]
)
def test_the_table_of_limits_has_the_numbers_that_hold(rule):
    (row,) = [row for row in rows("Rate limits") if row[0].startswith(rule.name)]
    assert int(row[2]) == rule.per_minute
    assert ("player" in row[1]) == rule.is_per_player


def test_the_table_of_log_fields_lists_every_one(visitor, caplog):
    caplog.set_level("INFO")
    logger = logging.getLogger("destiny_web.access")
    logger.addHandler(caplog.handler)
    visitor.open("/")
    logger.removeHandler(caplog.handler)
    always = {"at", "level", "logger", "message"}
    listed = {name for row in rows("Logs") for name in re.findall(r"`(\w+)`", row[0])}
    assert listed == always | set(caplog.records[-1].fields)
