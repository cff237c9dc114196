//! Floor 1: the files a user writes, read into the model with errors that point at the place.
