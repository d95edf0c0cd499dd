//! Whole jobs: plan, apply, plan again.
