//! `Raw` and `Shown`: the one door between text from outside and a screen, a log or an export.
