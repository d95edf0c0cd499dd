//! Does the Qlik face keep the contract? A scripted walk over every endpoint checks each answer
//! against our own schemas (`assets/schemas`, written from the dossier) and, where it is at hand,
//! against the reconciled `OpenAPI` document.

mod openapi;
mod schemas;
mod steps;
mod walk;
