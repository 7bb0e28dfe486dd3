"""What all pictures share: the palette, the pieces of an SVG, a picture with its text alternative."""
