//! The embedded world: one seeded company behind a Qlik Cloud face and a Microsoft Graph face, real HTTP on loopback.
