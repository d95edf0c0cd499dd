//! The planner against worlds made by hand: scenarios with their numbers, and laws that hold always.

mod doubt;
mod elsewhere;
mod exact;
mod file;
mod guards;
mod holders;
mod kept;
mod laws;
mod looks;
mod model;
mod orphans;
mod queries;
mod random;
mod roster;
mod scenarios;
mod shields;
mod small;
mod subjects;
mod world;
