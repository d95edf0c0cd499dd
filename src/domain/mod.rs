//! Plain data of the field. No IO, no async, knows nobody but `text`.
