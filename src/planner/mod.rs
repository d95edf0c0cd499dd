//! Desired minus actual: roster, staging to operations, checks, estimate, plan file. Pure.
