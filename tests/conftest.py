"""For all tests: a busy machine may take its time, and long tests that share nothing are shared out."""

import forkedkernel
import hypothesis
import pytest
import shared
import turns

hypothesis.settings.register_profile("course", deadline=None)
hypothesis.settings.load_profile("course")

SHARES_NOTHING = ("tests/test_notebooks.py::", "tests/test_answers.py::", "tests/browser/")


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # workers belong to the run that started them
        shared.begin()
    forkedkernel.install()


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        shared.end()


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: turns.turn(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file's tests stay in one worker where they share fixtures or a kernel."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return nodeid if nodeid.startswith(SHARES_NOTHING) else super()._split_scope(nodeid)

    return Scheduling(config, log)
