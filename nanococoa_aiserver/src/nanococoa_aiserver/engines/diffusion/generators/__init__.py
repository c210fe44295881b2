"""The models that paint, repaint and edit: one ``Generator`` for every family, on one shared copy of the weights."""
