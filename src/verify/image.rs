use std::path::Path;
use std::time::Duration;

use super::engine::QUICK;
use super::process::{self, display, output, tail};
use super::{Engine, ImageConfig, VerifyError};

/// How to build.
#[derive(Clone, Debug)]
pub struct BuildOptions<'a> {
    /// The build context.
    pub context: &'a Path,
    /// The Dockerfile.
    pub dockerfile: &'a Path,
    /// The image's name; it is removed when the image is dropped.
    pub tag: &'a str,
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
}

/// An image that is removed when dropped.
#[derive(Debug)]
pub struct Image {
    engine: Engine,
    tag: String,
}

impl Image {
    /// Builds an image.
    ///
    /// # Errors
    /// [`VerifyError::Failed`] with the end of the build's output where it does not build, and
    /// [`VerifyError::TimedOut`].
    pub fn build(engine: &Engine, options: &BuildOptions<'_>) -> Result<Built, VerifyError> {
        let mut command = engine.command();
        command.args(["build", "--tag", options.tag]);
        if let Some(network) = options.network {
            command.args(["--network", network]);
        }
        if options.no_cache {
            command.arg("--no-cache");
        }
        command
            .arg("--file")
            .arg(options.dockerfile)
            .arg(options.context);
        let finished = process::run(&mut command, options.limit)?;
        if !finished.success() {
            let log = format!("{}{}", finished.stdout, finished.stderr);
            return Err(VerifyError::Failed {
                command: display(&command),
                output: tail(&log, 60),
            });
        }
        Ok(Built {
            image: Image {
                engine: engine.clone(),
                tag: options.tag.to_string(),
            },
            took: finished.took,
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
        command.args(["image", "inspect", "--format", "{{.Size}}", &self.tag]);
        let text = output(&mut command, QUICK)?;
        text.trim().parse().map_err(|_| VerifyError::Answer {
            command: display(&command),
            reason: format!("no size: {text:?}"),
        })
    }

    /// The configuration that containers of the image start with.
    ///
    /// # Errors
    /// Where the engine does not answer, or not with JSON.
    pub fn config(&self) -> Result<ImageConfig, VerifyError> {
        let mut command = self.engine.command();
        command.args([
            "image",
            "inspect",
            "--format",
            "{{json .Config}}",
            &self.tag,
        ]);
        let text = output(&mut command, QUICK)?;
        ImageConfig::parse(&text).map_err(|error| VerifyError::Answer {
            command: display(&command),
            reason: error.to_string(),
        })
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // Nothing to do about a failure here: the next run uses another name.
        let _ = output(
            self.engine
                .command()
                .args(["image", "rm", "--force", &self.tag]),
            QUICK,
        );
    }
}
