"""Components on Google Cloud, each the twin of the one of the same name on AWS."""
