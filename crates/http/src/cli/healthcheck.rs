//! `taglink healthcheck`: a plain HTTP request, so that a container image needs no other program for it.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use thiserror::Error;

use super::error::CliError;
use crate::settings::ServerSettings;

/// How long the answer may take, from the connection to the status line.
const PATIENCE: Duration = Duration::from_secs(4);

/// Why the service is not ready.
#[derive(Debug, Error)]
pub enum NotReady {
    #[error("server.port is 0, so the port is not known")]
    UnknownPort,
    #[error("no answer from {address}")]
    NoAnswer { address: String, source: io::Error },
    #[error("{address} answers `{status}`")]
    Refused { address: String, status: String },
}

/// Asks `/health/ready` of the configured address.
pub(super) fn run(server: &ServerSettings, out: &mut dyn Write) -> Result<(), CliError> {
    if server.port == 0 {
        return Err(NotReady::UnknownPort.into());
    }
    let host = server.local_host();
    check(&host, server.port, PATIENCE)?;
    writeln!(out, "ready")?;
    Ok(())
}

fn check(host: &str, port: u16, patience: Duration) -> Result<(), NotReady> {
    let address = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let status = match status_line((host, port), &address, patience) {
        Ok(status) => status,
        Err(source) => return Err(NotReady::NoAnswer { address, source }),
    };
    // "HTTP/1.1 200 OK"
    if status.split(' ').nth(1) == Some("200") { Ok(()) } else { Err(NotReady::Refused { address, status }) }
}

/// The first line of the answer of the first address that takes the connection.
fn status_line(host: (&str, u16), name: &str, patience: Duration) -> io::Result<String> {
    let deadline = Instant::now() + patience;
    let mut result = Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
    for address in host.to_socket_addrs()? {
        result = connect(address, deadline);
        if result.is_ok() {
            break;
        }
    }
    let mut stream = result?;
    let request = format!("GET /health/ready HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    read_line(&mut stream, deadline)
}

fn connect(address: SocketAddr, deadline: Instant) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, left(deadline)?)?;
    stream.set_write_timeout(Some(left(deadline)?))?;
    Ok(stream)
}

fn read_line(stream: &mut TcpStream, deadline: Instant) -> io::Result<String> {
    const LONGEST: usize = 1024;
    let mut line = Vec::new();
    let mut buffer = [0; 256];
    loop {
        stream.set_read_timeout(Some(left(deadline)?))?;
        let count = stream.read(&mut buffer)?;
        line.extend(buffer.iter().take(count));
        if let Some(end) = line.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
            line.truncate(end);
            return Ok(String::from_utf8_lossy(&line).escape_debug().to_string());
        }
        if count == 0 || line.len() > LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "this is no HTTP server"));
        }
    }
}

/// What is left of the time.
fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// Asks a server that sends `answer` to its first client and hangs up.
    fn ask(answer: &'static str) -> Result<(), NotReady> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 1024];
                let count = stream.read(&mut request).unwrap();
                assert!(request[..count].starts_with(b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1:"));
                stream.write_all(answer.as_bytes()).unwrap();
            });
            check("127.0.0.1", port, Duration::from_secs(30))
        })
    }

    #[test]
    fn only_200_is_ready() {
        assert!(ask("HTTP/1.1 200 OK\r\n\r\n{}").is_ok());
        let error = ask("HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap_err().to_string();
        assert!(error.ends_with("answers `HTTP/1.1 503 Service Unavailable`"), "{error}");
        for nonsense in ["", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1"] {
            assert!(ask(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn nobody_there_is_not_ready() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert!(matches!(check("127.0.0.1", port, PATIENCE), Err(NotReady::NoAnswer { .. })));
    }

    #[test]
    fn a_server_that_says_nothing_is_given_up_on() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let error = check("127.0.0.1", port, Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, NotReady::NoAnswer { .. }));
    }
}
