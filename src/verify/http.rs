//! Just enough HTTP to ask an application on this machine: one request, one answer, no keep-alive.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header fields in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, with what is not UTF-8 replaced.
    pub body: String,
}

impl Response {
    /// The value of the first header field of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Reads a whole answer: status line, header fields, body.
    fn parse(bytes: &[u8]) -> io::Result<Response> {
        let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_string());
        let split = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .ok_or_else(|| invalid("no end of the header"))?;
        let head = String::from_utf8_lossy(&bytes[..split]);
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|code| code.parse().ok())
            .ok_or_else(|| invalid("no status"))?;
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_string()))
            .collect();
        let mut response = Response {
            status,
            headers,
            body: String::new(),
        };
        let body = &bytes[split + 4..];
        let chunked = response
            .header("transfer-encoding")
            .is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
        let body = if chunked {
            dechunk(body).ok_or_else(|| invalid("broken chunks"))?
        } else {
            body.to_vec()
        };
        response.body = String::from_utf8_lossy(&body).into_owned();
        Ok(response)
    }
}

/// Sends one request and reads the answer. Redirects are not followed.
///
/// # Errors
/// Where there is no connection, no answer in time, or one that is not HTTP.
pub(super) fn send(
    address: &str,
    method: &str,
    path: &str,
    body: Option<&str>,
) -> io::Result<Response> {
    let address: SocketAddr = address.parse().map_err(|_| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("no address: {address:?}"),
        )
    })?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut request =
        format!("{method} {path} HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n");
    if let Some(body) = body {
        request.push_str(&format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        ));
    }
    request.push_str("\r\n");
    request.push_str(body.unwrap_or_default());
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Response::parse(&bytes)
}

/// Some servers send chunks even to an HTTP/1.0 client.
fn dechunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let line = std::str::from_utf8(&rest[..end]).ok()?;
        // A size may be followed by an extension: `1a;name=value`.
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A server for one connection: gives what it was asked.
    fn answer_once(answer: &'static [u8]) -> (String, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 1024];
            let count = stream.read(&mut buffer).unwrap();
            stream.write_all(answer).unwrap();
            String::from_utf8_lossy(&buffer[..count]).into_owned()
        });
        (address, asked)
    }

    #[test]
    fn reads_status_headers_and_body() {
        let (address, asked) = answer_once(
            b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\nnothing\r\n\r\nhere",
        );
        let response = send(&address, "GET", "/a?b=c", None).unwrap();
        assert_eq!(
            (
                response.status,
                response.header("content-type"),
                response.body.as_str()
            ),
            (404, Some("text/plain"), "nothing\r\n\r\nhere")
        );
        assert!(
            asked
                .join()
                .unwrap()
                .starts_with("GET /a?b=c HTTP/1.0\r\nHost: localhost\r\n")
        );
    }

    #[test]
    fn sends_a_body_with_its_length() {
        let (address, asked) = answer_once(b"HTTP/1.0 201 Created\r\n\r\n");
        assert_eq!(
            send(&address, "POST", "/", Some("{\"é\":1}"))
                .unwrap()
                .status,
            201
        );
        assert!(
            asked
                .join()
                .unwrap()
                .ends_with("Content-Length: 8\r\n\r\n{\"é\":1}")
        );
    }

    #[test]
    fn puts_chunks_together() {
        let (address, _asked) = answer_once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nab\r\n\r\n1\r\nc\r\n0\r\n\r\n");
        assert_eq!(send(&address, "GET", "/", None).unwrap().body, "ab\r\nc");
    }

    #[test]
    fn a_connection_that_closes_without_an_answer_is_an_error() {
        let (address, _asked) = answer_once(b"");
        assert!(send(&address, "GET", "/", None).is_err());
    }
}
