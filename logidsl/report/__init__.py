"""Reports: the model, the formats, and how a judgement becomes a report."""
