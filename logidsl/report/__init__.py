"""What is said about pictures: the report model, its formats, and how it is built from a judgement."""
