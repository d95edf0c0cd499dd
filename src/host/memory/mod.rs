//! A machine in memory: a disk that forgets what was not synced, a clock that jumps, a seeded
//! source of numbers, and a fuse that stops them all at a chosen step. No file, no waiting: whole
//! runs and their crashes take microseconds and repeat exactly.

mod clock;
mod disk;
mod fuse;
mod rng;

pub use clock::VirtualClock;
pub use disk::MemoryDisk;
pub use fuse::Fuse;
pub use rng::SeededRng;
