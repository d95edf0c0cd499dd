//! Functions of `&App` that draw. They decide nothing and start nothing.
