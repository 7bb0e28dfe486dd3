"""Where a learner works: copies of the lessons, apart from the course. Standard library only, for lab.py."""
