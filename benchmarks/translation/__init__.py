"""How well a model turns sentences into rules: rule sets in six languages, judged by what their specs do."""
