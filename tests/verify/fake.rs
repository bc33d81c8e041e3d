//! An engine that builds nothing and answers from a folder: see `docker.sh`.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use tempfile::TempDir;

pub const BUILD: &str = "\
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
#4 [1/2] FROM docker.io/library/node:22
#4 CACHED
#5 [2/2] RUN make
#5 0.227 made
#5 DONE 0.4s
";

/// The folder of the engine, and beside it an application.
pub struct Fake {
    temp: TempDir,
}

impl Fake {
    /// Both images are alike: a program that says hello.
    pub fn new() -> Fake {
        let fake = Fake {
            temp: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(fake.app()).unwrap();
        let dockerfile = "FROM node:22\nMAINTAINER Ann\nCOPY . .\nCMD [\"node\", \"a.js\"]\n";
        fs::write(fake.app().join("Dockerfile"), dockerfile).unwrap();
        fs::write(fake.app().join("a.js"), "console.log('hello')\n").unwrap();
        for side in ["before", "after"] {
            fake.set(side, "build", BUILD);
            fake.set(side, "size", "1000000");
            let config = r#"{"Cmd": ["node", "a.js"], "Env": ["PATH=/bin"], "Labels": null}"#;
            fake.set(side, "config.json", config);
            fake.set(
                side,
                "history",
                "0\tCMD [\"node\" \"a.js\"]\n1000000\tADD file:1 in /\n",
            );
            fake.set(side, "state", "false 0");
            fake.set(side, "stdout", "hello\n");
            fake.set(side, "health", "healthy");
            fake.set(side, "files/app/a.js", "hello");
            fake.set(side, "times", "2000 1000 /0/a.js\n");
        }
        fake
    }

    /// Sets what one of the two images is like.
    pub fn set(&self, side: &str, name: &str, text: &str) {
        let path = self.temp.path().join(side).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Another engine than docker, which says so and writes sizes for people, as nerdctl does before 2.1.
    pub fn nerdctl(&self) {
        fs::write(self.temp.path().join("version"), "nerdctl version 1.7.7\n").unwrap();
        for side in ["before", "after"] {
            let history = "0.0 B\tCMD [\"node\" \"a.js\"]\n976.6 KiB\tADD file:1 in /\n";
            self.set(side, "history", history);
            fs::remove_dir_all(self.temp.path().join(side).join("files")).unwrap();
        }
    }

    pub fn app(&self) -> PathBuf {
        self.temp.path().join("app")
    }

    /// Both containers run, and answer with these bodies.
    pub fn serve(&self, before: &'static str, after: &'static str) {
        for (side, body) in [("before", before), ("after", after)] {
            self.set(side, "state", "true 0");
            self.set(side, "address", &server(body));
        }
    }

    /// `dockopt verify` on the application with this engine.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dockopt"));
        // Another file of the same name would be another engine: docker is known by what it says.
        let engine = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/docker.sh");
        command
            .args(["verify", "--no-config", "--select", "maintainer-label"])
            .arg("--engine")
            .arg(engine)
            .args(arguments)
            .arg("Dockerfile")
            .current_dir(self.app())
            .env("FAKE", self.temp.path());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// What the engine was asked, line by line.
    pub fn asked(&self) -> Vec<String> {
        let asked = fs::read_to_string(self.temp.path().join("asked")).unwrap_or_default();
        asked.lines().map(str::to_string).collect()
    }

    /// Whether something was asked that has all of these words in it.
    pub fn was_asked(&self, words: &[&str]) -> bool {
        self.asked().iter().any(|line| {
            words
                .iter()
                .all(|word| line.split(' ').any(|it| it == *word))
        })
    }

    /// What was made and not removed: images, containers, volumes.
    pub fn left(&self) -> Vec<String> {
        let mut left: Vec<String> = Vec::new();
        for line in self.asked() {
            let words: Vec<&str> = line.split(' ').collect();
            let after = |option: &str| {
                let options = words.windows(2).filter(move |pair| pair[0] == option);
                options.map(|pair| pair[1].to_string()).collect::<Vec<_>>()
            };
            match words[..] {
                ["build", ..] => left.extend(after("--tag")),
                ["create", ..] => {
                    left.extend(after("--name"));
                    let volumes = after("--volume").into_iter();
                    left.extend(volumes.map(|it| it.split(':').next().unwrap().to_string()));
                }
                ["rm", .., name] | [_, "rm", .., name] => left.retain(|made| made != name),
                _ => {}
            }
        }
        left
    }
}

pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub fn of(output: Output) -> Ended {
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Answers every request with this body, for as long as the test runs.
fn server(body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    address
}
