"""A prediction: the learner says what will happen before it does."""

from wirelab.widgets.predict.model import Prediction, predict

__all__ = ["Prediction", "predict"]
