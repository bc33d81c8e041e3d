//! Just enough HTTP to ask an application on this machine: one request, one answer, no keep-alive.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// More of an answer is not read.
const LARGEST: usize = 16 << 20;

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

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// An HTTP answer.
    Http(Response),
    /// Something else than HTTP.
    Other(String),
    /// Nothing, on a connection that stayed open.
    Silent,
    /// No connection, or one that was closed without a word.
    Closed,
}

/// Sends one request and reads what comes back within `patience`. Redirects are not followed.
pub(super) fn ask(
    address: &str,
    method: &str,
    path: &str,
    body: Option<&str>,
    patience: Duration,
) -> Reply {
    let deadline = Instant::now() + patience;
    let Ok(mut stream) = connect(address, patience) else {
        return Reply::Closed;
    };
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
    if stream.write_all(request.as_bytes()).is_err() {
        return Reply::Closed;
    }
    let mut bytes = Vec::new();
    let closed = read(&mut stream, &mut bytes, deadline);
    match Response::parse(&bytes) {
        Ok(response) => Reply::Http(response),
        Err(_) if !bytes.is_empty() => Reply::Other(String::from_utf8_lossy(&bytes).into_owned()),
        Err(_) if closed => Reply::Closed,
        Err(_) => Reply::Silent,
    }
}

fn connect(address: &str, patience: Duration) -> io::Result<TcpStream> {
    let address: SocketAddr = address
        .parse()
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(Duration::from_millis(250)))?;
    stream.set_write_timeout(Some(patience))?;
    Ok(stream)
}

/// Reads until the other side closes, the answer is whole, or the deadline; gives whether the other side closed.
fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>, deadline: Instant) -> bool {
    let mut buffer = [0; 16 * 1024];
    while Instant::now() < deadline && bytes.len() < LARGEST {
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(count) => {
                bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
                // Not every server closes a connection that it was asked to close.
                if is_whole(bytes) {
                    return false;
                }
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock
                        | io::ErrorKind::TimedOut
                        | io::ErrorKind::Interrupted
                ) => {}
            Err(_) => return true,
        }
    }
    false
}

/// Whether the answer says how long it is, and is as long.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(split) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(bytes.get(..split).unwrap_or_default()).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse::<usize>().ok());
    length.is_some_and(|length| bytes.len() >= split + 4 + length)
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

    const SOON: Duration = Duration::from_secs(10);

    fn answer(address: &str, method: &str, path: &str, body: Option<&str>) -> Response {
        match ask(address, method, path, body, SOON) {
            Reply::Http(response) => response,
            other => panic!("{other:?}"),
        }
    }

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
        let response = answer(&address, "GET", "/a?b=c", None);
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
        assert_eq!(answer(&address, "POST", "/", Some("{\"é\":1}")).status, 201);
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
        assert_eq!(answer(&address, "GET", "/", None).body, "ab\r\nc");
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        let (address, _asked) = answer_once(b"");
        assert_eq!(ask(&address, "GET", "/", None, SOON), Reply::Closed);
        assert_eq!(ask(&address, "GET", "/", None, SOON), Reply::Closed);
        let (address, _asked) = answer_once(b"-ERR unknown command\r\n");
        let said = Reply::Other("-ERR unknown command\r\n".into());
        assert_eq!(ask(&address, "GET", "/", None, SOON), said);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let little = Duration::from_millis(300);
        assert_eq!(ask(&address, "GET", "/", None, little), Reply::Silent);
    }

    #[test]
    fn a_server_that_keeps_the_connection_open_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (done, wait) = std::sync::mpsc::channel::<()>();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            let _ = wait.recv();
        });
        let started = Instant::now();
        assert_eq!(answer(&address, "GET", "/", None).body, "ok");
        assert!(started.elapsed() < Duration::from_secs(5));
        drop(done);
        server.join().unwrap();
    }
}
