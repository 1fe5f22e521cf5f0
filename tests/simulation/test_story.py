"""docs/story.md tells what the tables hold."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_what_the_script_writes(tmp_path: Path) -> None:
    written = tmp_path / "story.md"
    subprocess.run([sys.executable, "-m", "benchmarks.story", written], cwd=ROOT, check=True)
    assert written.read_text() == (ROOT / "docs" / "story.md").read_text(), "tell it anew: .venv/bin/python -m benchmarks.story"
