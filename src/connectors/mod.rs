//! The rooms that know a remote protocol: HTTP, Qlik Cloud, Microsoft Graph, files.
