"""The rule on skips is itself tested: a run with CI=true fails where a test is skipped unasked."""

import shutil
import subprocess
import sys

import pytest

TESTS = """
import pytest

@pytest.mark.skip(reason="no camera")
def test_skipped(): pass

@pytest.mark.xfail(reason="known", strict=True)
def test_known(): assert False

def test_plain(): pass
"""
MODULE = 'import pytest\npytest.importorskip("a_module_that_is_nowhere")\ndef test_never(): pass\n'


def run(folder, ci, allowed="", module=False):
    """The output and exit code of pytest in a project that has our conftest and the tests above."""
    tests = folder / "tests"
    tests.mkdir()
    shutil.copy(__file__.replace("test_skip_guard.py", "conftest.py"), tests)
    (tests / "expected_skips.txt").write_text(allowed)
    (tests / "test_it.py").write_text(MODULE if module else TESTS)
    (folder / "pytest.ini").write_text("[pytest]\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=folder,
        env={"PATH": "", "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout, run.returncode


def test_a_skip_fails_in_ci(tmp_path):
    output, code = run(tmp_path, "true")
    assert code == 1
    assert "test_skipped was skipped, and tests/expected_skips.txt does not name it" in output
    assert "no camera" in output
    assert "1 passed, 1 xfailed, 1 error" in output


@pytest.mark.parametrize(("ci", "allowed"), [("", ""), ("true", "tests/*::test_skipped  # has no camera")])
def test_a_skip_passes_elsewhere_and_where_expected(tmp_path, ci, allowed):
    output, code = run(tmp_path, ci, allowed)
    assert code == 0, output
    assert "1 passed, 1 skipped, 1 xfailed" in output


def test_a_module_that_skips_fails_in_ci(tmp_path):
    output, code = run(tmp_path, "true", module=True)
    assert code != 0
    assert "a_module_that_is_nowhere" in output
