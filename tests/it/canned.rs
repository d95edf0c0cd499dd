//! A server of a few lines on loopback: 200 and JSON, whatever is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Answers each request line with JSON; gives its port and how many requests came, of any method.
pub(crate) async fn canned(
    body: impl Fn(&str) -> String + Send + Sync + 'static,
) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("what the test set up");
    let port = listener.local_addr().expect("what the test set up").port();
    let (requests, body) = (Arc::new(AtomicUsize::new(0)), Arc::new(body));
    let seen = requests.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let (seen, body) = (seen.clone(), body.clone());
            tokio::spawn(async move {
                let mut head = vec![0; 16_384];
                while let Ok(read) = socket.read(&mut head).await {
                    if read == 0 {
                        return;
                    }
                    seen.fetch_add(1, Ordering::SeqCst);
                    let text = String::from_utf8_lossy(&head[..read]).into_owned();
                    let body = body(text.lines().next().unwrap_or_default());
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    if socket.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (port, requests)
}
