"""Components on AWS, in the partition `aws`: GovCloud and China name and police services differently."""
