"""For all tests: hypothesis may not ask a busy machine to be quick."""

import hypothesis

hypothesis.settings.register_profile("course", deadline=None)
hypothesis.settings.load_profile("course")
