//! What the operator sees and wants: model, message, effect, update.
//!
//! Pure: no terminal, no connector, no runtime, no clock. Knows `crossterm` event types only.
