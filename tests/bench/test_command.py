"""`flask bench` runs from end to end on a database of its own. How long anything takes is no test's business."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from loyalty_portal.bench.command import bench
from loyalty_portal.bench.report import BEGIN, END


def test_it_measures_and_writes_its_table(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"# Speed\n\n{BEGIN}\nold figures\n{END}\n\nafterwards\n")
    asked = ["--engine", "sqlite", "--repetitions", "2", "--stamps", "5", "--customers", "50", "--write", str(page)]
    done = CliRunner().invoke(bench, asked, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    written = page.read_text()
    assert written.startswith(f"# Speed\n\n{BEGIN}")
    assert written.endswith(f"{END}\n\nafterwards\n")
    assert "old figures" not in written
    assert "| statements of a stamp | 7.00 |" in written
    for name in ("usual way / ours, CPU", "CPU of a look-up by code", "a search as one types, the slowest of all"):
        assert f"| {name} |" in written
