use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::engine::{Kind, QUICK};
use super::log::{BuildLog, Step};
use super::process::{self, display};
use super::{Engine, ImageConfig, VerifyError};

/// How to build.
#[derive(Clone, Debug)]
pub struct BuildOptions<'a> {
    /// The build context.
    pub context: &'a Path,
    /// The Dockerfile; where a file of its name with `.dockerignore` behind it stands beside it, that one counts.
    pub dockerfile: &'a Path,
    /// The image's name; it is removed when the image is dropped.
    pub tag: &'a str,
    /// `--build-arg`.
    pub args: &'a [String],
    /// `--network`; `None` for the engine's default.
    pub network: Option<&'a str>,
    /// Build every step anew.
    pub no_cache: bool,
    /// How long the build may take.
    pub limit: Duration,
}

/// A finished build.
#[derive(Debug)]
pub struct Built {
    /// The image.
    pub image: Image,
    /// Wall time of the build.
    pub took: Duration,
    /// The instructions, in the order in which they were begun.
    pub steps: Vec<Step>,
}

/// A layer of an image.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Layer {
    /// Bytes, uncompressed.
    pub size: u64,
    /// The instruction that made it, as far as the engine remembers.
    pub made_by: String,
}

/// An image that is removed when dropped.
#[derive(Debug)]
pub struct Image {
    engine: Engine,
    tag: String,
}

impl Image {
    /// Builds an image; `step` is told the name of each step as it begins.
    ///
    /// # Errors
    /// [`VerifyError::Build`] where it does not build, and what the engine's client can do wrong.
    pub fn build(
        engine: &Engine,
        options: &BuildOptions<'_>,
        step: &mut dyn FnMut(&str),
    ) -> Result<Built, VerifyError> {
        let mut command = engine.command();
        command.args(["build", "--tag", options.tag]);
        if matches!(engine.kind(), Kind::Docker | Kind::Nerdctl) {
            command.args(["--progress", "plain"]);
        } else if let Some(ignore) = ignore_file(options.dockerfile) {
            command.arg("--ignorefile").arg(ignore);
        }
        for arg in options.args {
            command.args(["--build-arg", arg]);
        }
        if let Some(network) = options.network {
            command.args(["--network", network]);
        }
        match (engine.kind(), options.no_cache) {
            (_, true) => drop(command.arg("--no-cache")),
            // buildah alone keeps no layers unless it is told to.
            (Kind::Buildah, false) => drop(command.arg("--layers")),
            _ => {}
        }
        command
            .arg("--file")
            .arg(options.dockerfile)
            .arg(options.context);
        // Held before the build: what a build leaves behind that is cut off is removed, too.
        let image = Image {
            engine: engine.clone(),
            tag: options.tag.to_string(),
        };
        let mut log = BuildLog::default();
        let finished = process::run(
            &mut command,
            options.limit,
            engine.interrupt(),
            &mut |line| {
                if let Some(name) = log.line(line) {
                    step(&name);
                }
            },
        )?;
        if !finished.success() {
            return Err(VerifyError::Build(Box::new(log.failure())));
        }
        Ok(Built {
            image,
            took: finished.took,
            steps: log.steps(),
        })
    }

    /// The image's name.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The engine that holds it.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Size of all layers, in bytes, uncompressed, as the engine counts it.
    ///
    /// # Errors
    /// Where the engine does not answer.
    pub fn size(&self) -> Result<u64, VerifyError> {
        let mut command = self.engine.command();
        if self.engine.kind() == Kind::Buildah {
            command.args(["images", "--noheading", "--format", "{{.Size}}", &self.tag]);
        } else {
            command.args(["image", "inspect", "--format", "{{.Size}}", &self.tag]);
        }
        let text = self.engine.ask(&mut command)?;
        bytes(text.trim()).ok_or_else(|| VerifyError::Answer {
            command: display(&command),
            reason: format!("no size: {text:?}"),
        })
    }

    /// The layers that hold anything, the lowest first.
    ///
    /// # Errors
    /// Where the engine does not answer.
    pub fn layers(&self) -> Result<Vec<Layer>, VerifyError> {
        let mut command = self.engine.command();
        command.args(["history", "--no-trunc"]);
        let template = "{{.Size}}\t{{.CreatedBy}}";
        // podman's templates and nerdctl know sizes for people alone, and buildah has no such command.
        match self.engine.kind() {
            Kind::Buildah => return Ok(Vec::new()),
            Kind::Podman => command.args(["--format", "json"]),
            Kind::Nerdctl => command.args(["--format", template]),
            Kind::Docker => command.args(["--human=false", "--format", template]),
        };
        command.arg(&self.tag);
        let history = self.engine.ask(&mut command)?;
        Ok(layers(match self.engine.kind() {
            Kind::Podman => podman_history(&history),
            _ => docker_history(&history),
        }))
    }

    /// The configuration that containers of the image start with.
    ///
    /// # Errors
    /// Where the engine does not answer, or not with JSON.
    pub fn config(&self) -> Result<ImageConfig, VerifyError> {
        let mut command = self.engine.command();
        match self.engine.kind() {
            Kind::Buildah => command.args(["inspect", "--type", "image", &self.tag]),
            _ => command.args(["image", "inspect", &self.tag]),
        };
        let text = self.engine.ask(&mut command)?;
        config(&text).map_err(|reason| VerifyError::Answer {
            command: display(&command),
            reason,
        })
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        match self.engine.kind() {
            Kind::Buildah => self.engine.remove(&["rmi", "--force", &self.tag]),
            _ => self.engine.remove(&["image", "rm", "--force", &self.tag]),
        }
    }
}

/// The ignore file that belongs to this Dockerfile alone.
fn ignore_file(dockerfile: &Path) -> Option<std::path::PathBuf> {
    let mut name = dockerfile.file_name()?.to_os_string();
    name.push(".dockerignore");
    Some(dockerfile.with_file_name(name)).filter(|path| path.exists())
}

/// Reads the history of docker and nerdctl: size, tab, instruction.
fn docker_history(text: &str) -> Vec<(u64, String)> {
    let entry = |line: &str| {
        let (size, made_by) = line.split_once('\t')?;
        Some((bytes(size.trim())?, made_by.to_string()))
    };
    text.lines().filter_map(entry).collect()
}

/// Reads `podman history --format json`.
fn podman_history(text: &str) -> Vec<(u64, String)> {
    let entries: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
    let entry = |entry: &Value| {
        let made_by = entry["createdBy"].as_str().or(entry["CreatedBy"].as_str());
        Some((
            entry["size"].as_u64()?,
            made_by.unwrap_or_default().to_string(),
        ))
    };
    entries.iter().filter_map(entry).collect()
}

/// The layers of a history, which begins with the newest.
fn layers(history: Vec<(u64, String)>) -> Vec<Layer> {
    let holds_anything = history.into_iter().rev().filter(|(size, _)| *size > 0);
    holds_anything
        .map(|(size, made_by)| Layer {
            size,
            made_by: instruction(&made_by),
        })
        .collect()
}

/// A number of bytes, or as it is written for a person: `77.7 MB` by buildah, `74.1 MiB` by nerdctl.
fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once(' ').unwrap_or((text, "B"));
    let factor = match unit {
        "B" => 1.0,
        "KB" | "kB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "KiB" => 1_024.0,
        "MiB" => 1_048_576.0,
        "GiB" => 1_073_741_824.0,
        _ => return None,
    };
    let exact = number.parse().ok().filter(|_| unit == "B");
    exact.or_else(|| Some((number.parse::<f64>().ok()? * factor) as u64))
}

/// The instruction behind a history entry: `RUN /bin/sh -c npm ci # buildkit` is `RUN npm ci`.
fn instruction(made_by: &str) -> String {
    let text = made_by.trim().trim_end_matches("# buildkit").trim();
    let text = match text.strip_prefix("/bin/sh -c #(nop)") {
        Some(rest) => rest.trim(),
        None => text,
    };
    let shell = |text: &str| {
        text.strip_prefix("/bin/sh -c ")
            .map(str::trim_start)
            .map(str::to_string)
    };
    match text.strip_prefix("RUN ").map(str::trim_start) {
        // Build arguments that stand in front: `RUN |1 VERSION=1 /bin/sh -c make`.
        Some(rest) if rest.starts_with('|') => match rest.split_once("/bin/sh -c ") {
            Some((_, script)) => format!("RUN {script}"),
            None => format!("RUN {rest}"),
        },
        Some(rest) => format!("RUN {}", shell(rest).unwrap_or_else(|| rest.to_string())),
        None => shell(text).map_or_else(|| text.to_string(), |script| format!("RUN {script}")),
    }
}

/// Finds the configuration in what an engine shows of an image.
fn config(text: &str) -> Result<ImageConfig, String> {
    let shown: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let shown = match &shown {
        Value::Array(images) => images.first().unwrap_or(&Value::Null),
        one => one,
    };
    // docker, podman and nerdctl have `Config`; buildah has one for each format, and Docker's tells more.
    let places = [
        &shown["Config"],
        &shown["Docker"]["config"],
        &shown["OCIv1"]["config"],
    ];
    let found = places.into_iter().find(|place| place.is_object());
    let mut found = found.ok_or("no configuration in it")?.clone();
    // podman shows the health check of an image beside its configuration.
    if found["Healthcheck"].is_null() && shown["HealthCheck"].is_object() {
        found["Healthcheck"] = shown["HealthCheck"].clone();
    }
    Ok(ImageConfig::read(&found))
}

/// How long a question may take that looks at a whole image.
pub(super) const WHOLE: Duration = Duration::from_secs(QUICK.as_secs() * 5);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn layers_are_named_after_their_instruction() {
        let history = "0\tCMD [\"node\" \"a.js\"]\n9538569\tCOPY /app ./ # buildkit\n2048\tRUN /bin/sh -c npm ci # buildkit\n1024\tRUN |1 V=1 /bin/sh -c make # buildkit\n77\t/bin/sh -c apt-get update\n74700000\t/bin/sh -c #(nop) ADD file:82 in / \n";
        let shown: Vec<_> = layers(docker_history(history))
            .into_iter()
            .map(|layer| (layer.size, layer.made_by))
            .collect();
        let expected = [
            (74_700_000, "ADD file:82 in /"),
            (77, "RUN apt-get update"),
            (1024, "RUN make"),
            (2048, "RUN npm ci"),
            (9_538_569, "COPY /app ./"),
        ];
        assert_eq!(shown, expected.map(|(size, by)| (size, by.to_string())));
        let nerdctl = layers(docker_history("0.0 B\tENV A=1\n64.0 KiB\tRUN make\n"));
        assert_eq!(nerdctl.len(), 1);
        assert_eq!(nerdctl[0].size, 65_536);
        let podman = r#"[{"id":"1","createdBy":"/bin/sh -c npm ci","size":5},{"id":"0","size":7}]"#;
        let shown = layers(podman_history(podman));
        assert_eq!(shown[0].made_by, "");
        assert_eq!(
            (shown[1].size, shown[1].made_by.as_str()),
            (5, "RUN npm ci")
        );
    }

    #[test]
    fn sizes_are_read_as_engines_write_them() {
        assert_eq!(bytes("1750449999"), Some(1_750_449_999));
        assert_eq!(bytes("77.7 MB"), Some(77_700_000));
        assert_eq!(bytes("4.0 KiB"), Some(4096));
        assert_eq!(bytes("0.0 B"), Some(0));
        assert_eq!(bytes("a lot"), None);
    }

    #[test]
    fn the_configuration_is_found_in_the_answers_of_all_engines() {
        let docker =
            r#"[{"Id":"sha256:1","Config":{"Cmd":["a"],"Healthcheck":{"Test":["CMD","b"]}}}]"#;
        let podman = r#"[{"Id":"1","HealthCheck":{"Test":["CMD","b"]},"Config":{"Cmd":["a"]}}]"#;
        let buildah = r#"{"Docker":{"config":{"Cmd":["a"],"Healthcheck":{"Test":["CMD","b"]}}},"OCIv1":{"config":{"Cmd":["a"]}}}"#;
        let expected = config(docker).unwrap();
        assert_eq!(expected.get("healthcheck"), Some(r#"{"Test":["CMD","b"]}"#));
        assert_eq!(config(podman).unwrap(), expected);
        assert_eq!(config(buildah).unwrap(), expected);
        assert!(config("[]").is_err() && config("x").is_err());
    }
}
