"""Training of the text guard's linear model, from labelled texts to a model folder."""
