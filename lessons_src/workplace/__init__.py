"""What lab.py is made of: the set-up, and the folder in which a learner works. Standard library only."""
