//! `qroll sim`: the embedded world for other programs, until a signal or the clock ends it.

use clap::Args;
use std::process::ExitCode;
use std::time::Duration;

use super::out::Out;
use super::signals::Stop;
use super::world::{WorldArgs, refused};
use crate::host::RealClock;
use crate::ports::{Clock as _, Problem};
use crate::simulator::{Running, start};

/// Options of `qroll sim`.
#[derive(Debug, Args)]
pub struct SimArgs {
    /// The world.
    #[command(flatten)]
    pub world: WorldArgs,
    /// Port of the Qlik Cloud face; a free one when absent.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub qlik_port: u16,
    /// Port of the Microsoft Graph face; a free one when absent.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub graph_port: u16,
    /// How fast limits refill and tokens age.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub clock_speed: f64,
    /// No rate limits.
    #[arg(long)]
    pub unlimited: bool,
    /// Stop after so many seconds.
    #[arg(long, value_name = "N")]
    pub seconds: Option<u64>,
}

pub(super) async fn run(args: &SimArgs, out: Out) -> Result<ExitCode, Problem> {
    let mut options = args.world.options();
    options.qlik_port = args.qlik_port;
    options.graph_port = args.graph_port;
    options.clock_speed = args.clock_speed;
    options.unlimited = args.unlimited;
    let stop = Stop::listen()?;
    let running = start(options).await.map_err(refused)?;
    announce(&running, out);
    let clock = RealClock::new();
    let end = async {
        match args.seconds {
            Some(seconds) => clock.sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = stop.token().cancelled() => {}
        () = end => {}
    }
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// The addresses, and a profile that fits them.
fn announce(running: &Running, out: Out) {
    if out.json {
        out.json(&serde_json::json!({
            "qlik_url": running.qlik_url,
            "graph_url": running.graph_url,
            "login_url": running.login_url,
            "directory_tenant": running.directory_tenant,
            "client_id": running.client_id,
            "client_secret": running.client_secret,
            "graph_client_id": running.graph_client_id,
            "graph_client_secret": running.graph_client_secret,
            "api_key": running.api_key(),
            "read_only_key": running.read_only_key(),
            "no_rights_key": running.no_rights_key(),
        }));
        return;
    }
    for line in [
        format!("Qlik Cloud      {}", running.qlik_url),
        format!("Microsoft Graph {}", running.graph_url),
        String::new(),
        "A profile for it (the embedded world's secrets are no secrets):".to_owned(),
        String::new(),
        profile_text(running),
        format!(
            "QROLL_TENANT_SECRET={} QROLL_DIRECTORY_SECRET={}",
            running.client_secret, running.graph_client_secret
        ),
        String::new(),
        "API keys, for auth = \"api-key\" in place of the client:".to_owned(),
        format!("  all rights   {}", running.api_key()),
        format!("  read only    {}", running.read_only_key()),
        format!("  no rights    {}", running.no_rights_key()),
    ] {
        out.line(line);
    }
}

/// A profile called `sim`.
fn profile_text(running: &Running) -> String {
    format!(
        "[profile.sim.tenant]\nurl = \"{}\"\nauth = \"oauth\"\nclient_id = \"{}\"\n\n\
         [profile.sim.directory]\nkind = \"entra\"\ntenant_id = \"{}\"\nclient_id = \"{}\"\n\
         login_url = \"{}\"\ngraph_url = \"{}\"\n",
        running.qlik_url,
        running.client_id,
        running.directory_tenant,
        running.graph_client_id,
        running.login_url,
        running.graph_url,
    )
}
