//! Questions to a running container, what is expected of the answers, and whether two containers
//! answer alike.

use super::{Container, Response, VerifyError, http};

/// A request to an application.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Path and query.
    pub path: String,
    /// `GET` where not said.
    #[serde(default = "get")]
    pub method: String,
    /// A body to send, as `application/json`.
    pub send: Option<String>,
    /// The status to expect.
    pub status: u16,
    /// The whole body to expect.
    pub body: Option<String>,
    /// A part of the body to expect.
    pub contains: Option<String>,
}

/// What was wrong with an answer, in a sentence; `Ok` where nothing was.
pub type Expected = Result<(), String>;

fn get() -> String {
    "GET".to_string()
}

impl Request {
    /// Whether `response` is what this request expects.
    ///
    /// # Errors
    /// The first thing that is not.
    pub fn check(&self, response: &Response) -> Expected {
        let Request { method, path, .. } = self;
        if response.status != self.status {
            return Err(format!(
                "{method} {path}: status {}, not {}: {:.400}",
                response.status, self.status, response.body
            ));
        }
        match (&self.body, &self.contains) {
            (Some(body), _) if *body != response.body => Err(format!(
                "{method} {path}: {:?}, not {body:?}",
                response.body
            )),
            (_, Some(part)) if !response.body.contains(part) => Err(format!(
                "{method} {path}: {part:?} is not in {:?}",
                response.body
            )),
            _ => Ok(()),
        }
    }
}

/// Sends the requests in their order.
///
/// # Errors
/// [`VerifyError::NotUp`] with the container's logs where one gets no answer.
pub fn ask(container: &Container, requests: &[Request]) -> Result<Vec<Response>, VerifyError> {
    let send = |request: &Request| {
        http::send(
            container.address(),
            &request.method,
            &request.path,
            request.send.as_deref(),
        )
        .map_err(|error| VerifyError::NotUp {
            reason: format!("{} {}: no answer: {error}", request.method, request.path),
            logs: container.logs(),
        })
    };
    requests.iter().map(send).collect()
}

/// In what two answers to the same request differ: status, body, `Content-Type`, `Location`.
/// Other header fields carry times and the like.
///
/// # Errors
/// The first difference.
pub fn compare(request: &Request, before: &Response, after: &Response) -> Expected {
    let Request { method, path, .. } = request;
    if (before.status, &before.body) != (after.status, &after.body) {
        return Err(format!(
            "{method} {path}: {} {:?} before, {} {:?} after",
            before.status, before.body, after.status, after.body
        ));
    }
    for name in ["content-type", "location"] {
        if before.header(name) != after.header(name) {
            return Err(format!(
                "{method} {path}: {name} was {:?}, is {:?}",
                before.header(name),
                after.header(name)
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn response(status: u16, kind: &str, body: &str) -> Response {
        Response {
            status,
            headers: vec![
                ("content-type".into(), kind.into()),
                ("date".into(), body.into()),
            ],
            body: body.into(),
        }
    }

    fn request(body: Option<&str>, contains: Option<&str>) -> Request {
        Request {
            path: "/".into(),
            method: get(),
            send: None,
            status: 200,
            body: body.map(Into::into),
            contains: contains.map(Into::into),
        }
    }

    #[test]
    fn expects_status_whole_body_and_part() {
        let answer = response(200, "text/plain", "hello\n");
        assert_eq!(request(Some("hello\n"), Some("ell")).check(&answer), Ok(()));
        assert!(request(Some("hello"), None).check(&answer).is_err());
        assert!(request(None, Some("bye")).check(&answer).is_err());
        assert!(
            request(None, None)
                .check(&response(500, "text/plain", "hello\n"))
                .is_err()
        );
    }

    #[test]
    fn compares_what_does_not_change_from_run_to_run() {
        let before = response(200, "text/plain", "a");
        let mut later = before.clone();
        later.headers[1].1 = "another time".into();
        assert_eq!(compare(&request(None, None), &before, &later), Ok(()));
        assert!(
            compare(
                &request(None, None),
                &before,
                &response(200, "text/html", "a")
            )
            .is_err()
        );
        assert!(
            compare(
                &request(None, None),
                &before,
                &response(404, "text/plain", "a")
            )
            .is_err()
        );
    }
}
