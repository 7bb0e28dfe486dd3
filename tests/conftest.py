"""For all tests: a busy machine may take its time, and long tests that share nothing are shared out."""

import hypothesis
import pytest

hypothesis.settings.register_profile("course", deadline=None)
hypothesis.settings.load_profile("course")

SHARES_NOTHING = "tests/test_notebooks.py::"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file's tests stay in one worker, for they share fixtures or a kernel."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return nodeid if nodeid.startswith(SHARES_NOTHING) else super()._split_scope(nodeid)

    return Scheduling(config, log)
