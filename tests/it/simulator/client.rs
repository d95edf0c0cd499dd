//! A plain HTTP client for these tests: no retries, no redirects, no cleverness.

use qroll::simulator::{Running, SimulatorOptions, start};
use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::Value;

/// A running world and a client for it.
pub(crate) struct Lab {
    pub(crate) sim: Running,
    pub(crate) http: Client,
    pub(crate) key: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e} in {}", self.text))
    }
}

impl Lab {
    pub(crate) async fn new(options: SimulatorOptions) -> Self {
        let sim = start(options).await.expect("a world");
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()
            .expect("a client");
        Self {
            key: sim.api_key().to_owned(),
            sim,
            http,
        }
    }

    pub(crate) async fn named(scenario: &str) -> Self {
        Self::new(SimulatorOptions::named(scenario)).await
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().expect("a method");
        let url = format!("{}{path}", self.sim.qlik_url);
        self.http.request(method, url).bearer_auth(&self.key)
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        read(request.send().await.expect("an answer")).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    /// Sends a body as `application/json`.
    pub(crate) async fn with(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = self
            .request(method, path)
            .header("content-type", "application/json");
        self.send(request.body(body.to_string())).await
    }
}

pub(crate) async fn read(response: reqwest::Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer {
        status,
        headers,
        text: response.text().await.expect("a whole body"),
    }
}
