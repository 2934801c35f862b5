"""Files that screens show: what they are, how they are called, and who may fetch which part of them."""
