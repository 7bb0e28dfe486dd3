"""Pages made from the built notebooks, for teachers and readers: they need no network and no Python."""
