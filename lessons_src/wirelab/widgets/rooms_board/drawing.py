from wirelab.look.picture import Picture
def draw(model): return Picture("", "")
