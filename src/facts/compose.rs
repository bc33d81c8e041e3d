//! Services of compose files that run the image of a Dockerfile, as far as they change what its container starts:
//! <https://docs.docker.com/reference/compose-file/services/>.

mod environment;
mod files;
mod text;

use std::path::Path;

use super::reader::{Format, Kind, Node, parse};
pub use files::{ComposeFile, Files, Services, gather, services_in};
use text::{defaults, plain, relative, words};

/// The start of a service, where it is not that of the image alone, and the paths that its environment names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The compose file, from the root of the build context: it may begin with `..`.
    pub file: String,
    /// The stage that it runs, if it names one.
    pub target: Option<String>,
    /// What takes the place of ENTRYPOINT; CMD counts no more then.
    pub entrypoint: Option<Order>,
    /// What takes the place of CMD.
    pub command: Option<Order>,
    /// What takes the place of HEALTHCHECK.
    pub check: Option<Order>,
    /// What takes the place of WORKDIR.
    pub workdir: Option<String>,
    /// Folders and files of the host that hide those of the image.
    pub binds: Vec<Bind>,
    /// Other volumes: they are filled with what the image has there.
    pub volumes: Vec<String>,
    /// Variables that it sets whose values may be paths.
    pub environment: Vec<(String, String)>,
}

/// A command of a compose file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its words; a variable without a default stands as `${NAME}`.
    pub words: Vec<String>,
    /// Whether a shell reads the one word.
    pub shell: bool,
    /// Its line, counted from 1.
    pub line: usize,
}

/// A mount of a folder or a file of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bind {
    /// What is mounted, from the root of the build context; nothing where it lies elsewhere.
    pub source: Option<String>,
    /// Where, in the container.
    pub target: String,
}

/// Whether a file of this name is a compose file, an override included.
pub fn is_compose_file(name: &str) -> bool {
    let stem = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"));
    stem.is_some_and(|stem| {
        let kind = stem.split('.').next().unwrap_or(stem);
        matches!(kind, "compose" | "docker-compose") || kind.starts_with("docker-compose-")
    })
}

/// Whether a compose file is one that is read by itself, and no override.
fn is_first(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    matches!(
        name.and_then(|name| name.split_once('.')),
        Some(("compose" | "docker-compose", "yml" | "yaml"))
    )
}

/// The services that run what a Dockerfile builds, each with a start or an environment of its own.
///
/// A service of an override, which says nothing of a build, is the one of that name in the folder's own compose file, or
/// in one above. A service that only names an image is one of these where another one of any file names that image for
/// what it builds.
pub fn services(files: &[ComposeFile], dockerfile: &Path, context: &Path) -> Vec<Service> {
    let parsed = |file: &ComposeFile| parse(&file.text, Format::Yaml).ok();
    // Most say nothing of a build, and count only where another one builds this Dockerfile.
    let build = |file: &ComposeFile| file.text.contains("build").then(|| parsed(file)).flatten();
    let mut read: Vec<Option<Node>> = files.iter().map(build).collect();
    let here = |(file, tree): (&ComposeFile, &Option<Node>)| {
        let mut services = tree.iter().flat_map(entries);
        services
            .any(|(_, service)| service.get("<<").is_some() || builds(&(service, file), dockerfile))
    };
    if !files.iter().zip(&read).any(here) {
        return Vec::new();
    }
    for (file, tree) in files.iter().zip(&mut read) {
        if tree.is_none() {
            *tree = parsed(file);
        }
    }
    let trees = files.iter().zip(read);
    let trees: Vec<Tree<'_>> = trees
        .filter_map(|(file, tree)| Some((file, tree?)))
        .collect();
    let reader = Reader {
        trees: &trees,
        dockerfile,
        context,
    };
    let images = reader.images();
    let mut found = Vec::new();
    for tree in trees.iter().filter(|(file, _)| file.runs) {
        for service in reader.services(tree, &images) {
            if !found.contains(&service) {
                found.push(service);
            }
        }
    }
    found
}

/// A string with its variables replaced by their defaults (`${DIR:-app}`, `${DIR-app}`, `$$`); nothing where one has none.
pub fn resolved(text: &str) -> Option<String> {
    Some(defaults(text)).filter(|text| !text.contains("${"))
}

/// A compose file, read.
type Tree<'a> = (&'a ComposeFile, Node);

/// A part of a service, and the file that says it.
type Part<'n> = (&'n Node, &'n ComposeFile);

/// As many parts have services that take something from others that do.
const MAX_PARTS: usize = 16;

struct Reader<'a> {
    trees: &'a [Tree<'a>],
    dockerfile: &'a Path,
    context: &'a Path,
}

impl<'a> Reader<'a> {
    /// The images that services name for what the Dockerfile builds.
    fn images(&self) -> Vec<String> {
        let services = self.trees.iter().flat_map(|tree| {
            let services = entries(&tree.1).iter();
            services.map(|(name, service)| self.parts(name, service, tree))
        });
        let built = services.filter(|parts| parts.iter().any(|part| builds(part, self.dockerfile)));
        built.filter_map(|parts| image(&parts)).collect()
    }

    fn services(&self, tree: &'a Tree<'a>, images: &[String]) -> Vec<Service> {
        let service = |(name, service): &'a (String, Node)| {
            let parts = self.parts(name, service, tree);
            let runs = match parts.iter().any(|(part, _)| part.get("build").is_some()) {
                true => parts.iter().any(|part| builds(part, self.dockerfile)),
                false => image(&parts).is_some_and(|image| images.contains(&image)),
            };
            let runs = runs.then(|| self.service(name, &parts, tree.0));
            runs.flatten()
        };
        entries(&tree.1).iter().filter_map(service).collect()
    }

    /// A service with what it overrides, merges and extends; the first that has a key counts.
    fn parts(&self, name: &str, service: &'a Node, tree: &'a Tree<'a>) -> Vec<Part<'a>> {
        let mut parts: Vec<Part<'a>> = vec![(service, tree.0)];
        let own = service.get("build").is_some() || service.get("image").is_some();
        if let Some((file, first)) = self.first(tree.0, own) {
            let named = first.get("services").and_then(|all| all.get(name));
            parts.extend(named.map(|service| (service, *file)));
        }
        let mut at = 0;
        while let Some((part, file)) = parts.get(at).copied().filter(|_| at < MAX_PARTS) {
            at += 1;
            // `<<: *defaults`, where the parser leaves it as it is.
            if let Some(merged) = part.get("<<") {
                match &merged.kind {
                    Kind::List(items) => parts.extend(items.iter().map(|item| (item, file))),
                    _ => parts.push((merged, file)),
                }
            }
            parts.extend(part.get("extends").and_then(|it| self.extended(it, file)));
        }
        parts
    }

    /// The file that another one overrides: the compose file beside it, or for services without an image of their own
    /// one above it.
    fn first(&self, file: &ComposeFile, own: bool) -> Option<&'a Tree<'a>> {
        if is_first(&file.path) {
            return None;
        }
        let folder = file.path.parent()?;
        let mut trees = self.trees.iter().filter(|(other, _)| is_first(&other.path));
        let beside = trees.clone().find(|(other, _)| other.folder == folder);
        beside.or_else(|| trees.find(|(other, _)| !own && folder.starts_with(&other.folder)))
    }

    /// `extends: base`, or a map with `service` and `file`.
    fn extended(&self, extends: &Node, file: &'a ComposeFile) -> Option<Part<'a>> {
        let name = extends
            .scalar()
            .or_else(|| extends.get("service")?.scalar())?;
        let path = match extends.get("file") {
            Some(other) => plain(&file.folder, &defaults(other.scalar()?)),
            None => file.path.clone(),
        };
        let (file, tree) = self.trees.iter().find(|(other, _)| other.path == path)?;
        Some((tree.get("services")?.get(name)?, *file))
    }

    fn service(&self, name: &str, parts: &[Part<'_>], file: &ComposeFile) -> Option<Service> {
        let value = |key: &str| parts.iter().find_map(|(part, _)| part.get(key));
        let entrypoint = value("entrypoint").and_then(order);
        let command = value("command").and_then(order);
        let check = value("healthcheck").and_then(|check| {
            let off = check.get("disable").and_then(Node::scalar) == Some("true");
            check.get("test").filter(|_| !off).and_then(test)
        });
        let environment = environment::paths(parts);
        let same = entrypoint.is_none() && command.is_none() && check.is_none();
        if same && environment.is_empty() {
            return None;
        }
        let mut service = Service {
            name: name.to_string(),
            file: relative(self.context, &file.path),
            target: value("build")
                .and_then(|build| build.get("target"))
                .and_then(Node::scalar)
                .map(defaults),
            entrypoint,
            command,
            check,
            workdir: value("working_dir").and_then(Node::scalar).map(defaults),
            binds: Vec::new(),
            volumes: Vec::new(),
            environment,
        };
        for (part, file) in parts {
            if let Some(Kind::List(volumes)) = part.get("volumes").map(|volumes| &volumes.kind) {
                for volume in volumes {
                    self.volume(volume, &file.folder, &mut service);
                }
            }
        }
        Some(service)
    }

    /// `./src:/app/src:ro`, `/app/node_modules`, or a map with `type`, `source` and `target`.
    fn volume(&self, volume: &Node, folder: &Path, service: &mut Service) {
        let (source, target) = match volume.scalar() {
            Some(text) => {
                let text = defaults(text);
                match text.split_once(':') {
                    Some((source, rest)) => {
                        let target = rest.split(':').next().unwrap_or(rest);
                        (Some(source.to_string()), target.to_string())
                    }
                    None => (None, text),
                }
            }
            None => {
                let text = |key: &str| volume.get(key).and_then(Node::scalar).map(defaults);
                let Some(target) = text("target") else {
                    return;
                };
                let bind = text("type").as_deref() == Some("bind");
                (text("source").filter(|_| bind), target)
            }
        };
        let host = |source: &String| source.starts_with(['.', '/', '~', '$']);
        let Some(source) = source.filter(host) else {
            return service.volumes.push(target);
        };
        let source = match source.strip_prefix("${PWD}") {
            Some(rest) => format!(".{rest}"),
            None => source,
        };
        let known = !source.starts_with(['~', '$']);
        let source = known.then_some(folder).and_then(|folder| {
            let source = plain(folder, &source);
            let below = source.strip_prefix(self.context).ok()?;
            below.to_str().map(str::to_string)
        });
        service.binds.push(Bind { source, target });
    }
}

/// The services of a file by name.
fn entries(tree: &Node) -> &[(String, Node)] {
    match tree.get("services").map(|services| &services.kind) {
        Some(Kind::Map(services)) => services,
        _ => &[],
    }
}

/// Whether a part of a service builds a Dockerfile.
fn builds((part, file): &Part<'_>, wanted: &Path) -> bool {
    let Some(build) = part.get("build") else {
        return false;
    };
    let text = |key: &str| build.get(key).and_then(Node::scalar).map(defaults);
    let (context, dockerfile) = match build.scalar() {
        Some(context) => (Some(defaults(context)), None),
        None if build.get("dockerfile_inline").is_some() => return false,
        None => (text("context"), text("dockerfile")),
    };
    let context = plain(&file.folder, context.as_deref().unwrap_or("."));
    let dockerfile = plain(&context, dockerfile.as_deref().unwrap_or("Dockerfile"));
    dockerfile == wanted
}

/// The image that a service names; `latest` is what no tag stands for.
fn image(parts: &[Part<'_>]) -> Option<String> {
    let image = parts.iter().find_map(|(part, _)| part.get("image"))?;
    let image = defaults(image.scalar()?);
    let plain = image.strip_suffix(":latest").map(str::to_string);
    Some(plain.unwrap_or(image))
}

/// A command as a string, which compose takes apart as a shell would, without being one; or as a list.
fn order(node: &Node) -> Option<Order> {
    let words = match &node.kind {
        Kind::List(items) => items
            .iter()
            .filter_map(Node::scalar)
            .map(defaults)
            .collect(),
        _ => words(&defaults(node.scalar()?)),
    };
    (!words.is_empty()).then_some(Order {
        words,
        shell: false,
        line: node.line,
    })
}

/// `test` of a health check.
fn test(node: &Node) -> Option<Order> {
    let shell = |text: String| Order {
        words: vec![text],
        shell: true,
        line: node.line,
    };
    if let Some(text) = node.scalar() {
        return Some(shell(defaults(text)));
    }
    let Order { words, line, .. } = order(node)?;
    match words.split_first()? {
        (kind, [text, ..]) if kind == "CMD-SHELL" => Some(shell(text.clone())),
        (kind, rest) if kind == "CMD" && !rest.is_empty() => Some(Order {
            words: rest.to_vec(),
            shell: false,
            line,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<Service> {
        let files: Vec<ComposeFile> = files
            .iter()
            .map(|(path, text)| ComposeFile::new(path.into(), (*text).to_string()))
            .collect();
        services(&files, Path::new("/r/app/Dockerfile"), Path::new("/r/app"))
    }

    fn commands(files: &[(&str, &str)]) -> Vec<String> {
        let service = |service: &Service| {
            let order = service.command.as_ref().unwrap();
            format!("{}:{} {}", service.file, order.line, order.words.join("|"))
        };
        found(files).iter().map(service).collect()
    }

    #[test]
    fn only_services_that_build_the_dockerfile_count() {
        let text = "services:\n  a:\n    build: ./app\n    command: run a\n  b:\n    build: {context: ., dockerfile: app/Dockerfile}\n    command: [run, b c]\n  c:\n    build: ./other\n    command: run c\n  d:\n    build: {context: app, dockerfile: Dockerfile.dev}\n    command: run d\n  e:\n    image: redis\n    command: run e\n  f:\n    build: ./app\n";
        assert_eq!(
            commands(&[("/r/compose.yaml", text)]),
            ["../compose.yaml:4 run|a", "../compose.yaml:7 run|b c"]
        );
    }

    #[test]
    fn an_image_that_another_service_builds_is_the_same() {
        let text = "x-all: &all {build: ./app, image: 'me/app'}\nservices:\n  web: *all\n  worker:\n    image: me/app\n    command: work\n  beat:\n    <<: *all\n    command: beat\n  flower:\n    extends: {service: beat}\n    command: flower\n";
        assert_eq!(
            commands(&[("/r/docker-compose.yml", text)]),
            [
                "../docker-compose.yml:6 work",
                "../docker-compose.yml:9 beat",
                "../docker-compose.yml:12 flower"
            ]
        );
    }

    #[test]
    fn an_override_changes_the_service_of_its_name() {
        let first = "services:\n  web:\n    build: ./app\n";
        let second = "services:\n  web:\n    command: dev\n    volumes: ['./app:/app', '/app/node_modules']\n  db:\n    command: other\n";
        let found = found(&[
            ("/r/docker-compose.override.yml", second),
            ("/r/docker-compose.yml", first),
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].binds[0].source.as_deref(), Some(""));
        assert_eq!(found[0].volumes, ["/app/node_modules"]);
    }

    #[test]
    fn an_override_in_another_folder_changes_a_service_without_an_image() {
        let first = "services:\n  web:\n    build: ./app\n    image: me/app:latest\n";
        let second = "services:\n  web:\n    command: serve\n  other:\n    image: me/other\n    command: no\n  job:\n    image: me/app\n    command: job\n";
        assert_eq!(
            commands(&[
                ("/r/compose.yml", first),
                ("/r/deploy/compose.prod.yml", second),
            ]),
            [
                "../deploy/compose.prod.yml:3 serve",
                "../deploy/compose.prod.yml:9 job"
            ]
        );
    }

    #[test]
    fn commands_are_words_without_a_shell() {
        assert_eq!(words("sh -c 'a \"b\" && c'"), ["sh", "-c", "a \"b\" && c"]);
        assert_eq!(words("a \"b \\\" c\" d\\ e"), ["a", "b \" c", "d e"]);
        assert_eq!(
            defaults("$$A ${B:-c} ${D} $E ${F?no}"),
            "$A c ${D} ${E} ${F}"
        );
    }

    #[test]
    fn a_health_check_is_a_list_or_a_line_for_the_shell() {
        let check = |test: &str| {
            let text = format!(
                "services:\n  a:\n    build: ./app\n    healthcheck:\n      test: {test}\n"
            );
            let found = found(&[("/r/compose.yml", &text)]);
            let check = found.first().and_then(|service| service.check.clone());
            check.map(|order| (order.words.join("|"), order.shell))
        };
        assert_eq!(
            check("curl -f a || exit 1"),
            Some(("curl -f a || exit 1".into(), true))
        );
        assert_eq!(check("[CMD, curl, a]"), Some(("curl|a".into(), false)));
        assert_eq!(
            check("['CMD-SHELL', 'curl a']"),
            Some(("curl a".into(), true))
        );
        assert_eq!(check("[NONE]"), None);
    }
}
