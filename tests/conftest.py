"""For all tests: a busy machine may take its time, and what is long and stands alone is shared out."""

import hypothesis
import pytest

hypothesis.settings.register_profile("course", deadline=None)
hypothesis.settings.load_profile("course")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file's tests stay in one worker, for they share fixtures or a kernel; those marked `alone` do not."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return nodeid if "twice_in_a_row" in nodeid else super()._split_scope(nodeid)

    return Scheduling(config, log)
