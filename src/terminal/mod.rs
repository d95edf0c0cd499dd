//! Session guard, input task, clipboard, main loop, effects.
