//! JavaScript and TypeScript on Node.js, Deno and Bun.

use super::Scan;
use super::language::{Function, Here, Language, PLAIN, add_import};
use super::lex::{Syntax, Token};

const FS: &[&str] = &["fs", "fsp", "fse", "promises", "fsPromises"];
const CHILD: &[&str] = &[
    "",
    "child_process",
    "childProcess",
    "cp",
    "shell",
    "shelljs",
    "sh",
];

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        regexes: true,
        templates: true,
        ..PLAIN.syntax
    },
    joins: &[
        "join",
        "resolve",
        "path.join",
        "path.resolve",
        "posix.join",
        "posix.resolve",
        "win32.join",
    ],
    parents: &["dirname", "path.dirname", "posix.dirname"],
    forms: &[
        "normalize",
        "path.normalize",
        "fileURLToPath",
        "url.fileURLToPath",
        "String",
        "URL",
    ],
    here: &[
        ("__dirname", Here::Directory),
        ("import.meta.dirname", Here::Directory),
        ("import.meta.dir", Here::Directory),
        ("__filename", Here::File),
        ("import.meta.filename", Here::File),
        ("import.meta.url", Here::File),
    ],
    current: &["process.cwd", "cwd", "Deno.cwd"],
    elsewhere: &["os.tmpdir", "tmpdir", "os.homedir", "homedir"],
    readers: &[
        Function::any("readFile"),
        Function::any("readFileSync"),
        Function::any("createReadStream"),
        Function::any("readdir"),
        Function::any("readdirSync"),
        Function::any("opendir"),
        Function::any("opendirSync"),
        Function::any("copyFile"),
        Function::any("copyFileSync"),
        Function::any("readJson"),
        Function::any("readJsonSync"),
        Function::any("readJSON"),
        Function::any("readJSONSync"),
        Function::of("cp", FS),
        Function::of("cpSync", FS),
        Function::of("copy", FS),
        Function::of("copySync", FS),
        Function::of("open", FS),
        Function::of("openSync", FS),
        Function::any("sendFile"),
        Function::any("sendfile"),
        Function::of("download", &["res", "response", "reply"]),
        Function::of("static", &["express"]),
        Function::any("serveStatic"),
        Function::any("useStaticAssets"),
        Function::any("setBaseViewsDir"),
        Function::of("readTextFile", &["Deno"]),
        Function::of("readDir", &["Deno"]),
        Function::of("file", &["Bun"]),
        Function::of("glob", &["", "fs", "glob", "fg", "globby"]),
        Function::any("globSync"),
        Function::of("sync", &["glob", "fg", "globby", "fastGlob"]),
        Function::of("loadSync", &["protoLoader", "grpc_loader", "protobuf"]),
        Function::of("require", &[""]),
        Function::of("import", &[""]),
    ],
    spawns: &[
        Function::of("exec", CHILD),
        Function::any("execSync"),
        Function::any("execFile"),
        Function::any("execFileSync"),
        Function::any("spawn"),
        Function::any("spawnSync"),
        Function::any("execa"),
        Function::any("execaSync"),
        Function::any("execaCommand"),
        Function::any("execAsync"),
        Function::any("execPromise"),
        Function::of("command", &["execa"]),
        Function::of("which", &["", "shell", "shelljs", "sh"]),
        Function::any("commandExists"),
        Function::any("commandExistsSync"),
    ],
    writers: &[
        Function::any("writeFile"),
        Function::any("writeFileSync"),
        Function::any("appendFile"),
        Function::any("appendFileSync"),
        Function::any("createWriteStream"),
        Function::any("outputFile"),
        Function::any("outputFileSync"),
        Function::any("outputJson"),
        Function::any("outputJsonSync"),
        Function::any("writeJson"),
        Function::any("writeJsonSync"),
        Function::any("unlink"),
        Function::any("unlinkSync"),
        Function::any("rmSync"),
        Function::any("rmdir"),
        Function::any("rmdirSync"),
        Function::of("rm", FS),
        Function::of("rename", FS),
        Function::of("rename", FS).at(1),
        Function::any("renameSync"),
        Function::any("renameSync").at(1),
        Function::any("copyFile").at(1),
        Function::any("copyFileSync").at(1),
        Function::of("cp", FS).at(1),
        Function::of("cpSync", FS).at(1),
        Function::of("copy", FS).at(1),
        Function::of("copySync", FS).at(1),
        Function::of("move", FS),
        Function::of("move", FS).at(1),
        Function::of("symlink", FS).at(1),
        Function::any("symlinkSync").at(1),
        Function::of("link", FS).at(1),
        Function::any("linkSync").at(1),
        Function::of("truncate", FS),
        Function::any("truncateSync"),
        Function::any("utimesSync"),
        Function::any("mkdtemp"),
        Function::any("mkdtempSync"),
        Function::of("Database", &["", "sqlite3", "sqlite"]),
        Function::of("DatabaseSync", &["", "sqlite"]),
    ],
    makers: &[
        Function::any("mkdir"),
        Function::any("mkdirSync"),
        Function::any("mkdirp"),
        Function::any("mkdirpSync"),
        Function::any("ensureDir"),
        Function::any("ensureDirSync"),
        Function::any("emptyDir"),
        Function::any("emptyDirSync"),
    ],
    written_options: &[("multer", "dest")],
    starters: &[
        "child_process",
        "shelljs",
        "mz/child_process",
        "child-process-promise",
        "promisify-child-process",
        "execa",
        "cross-spawn",
        "cross-spawn-promise",
        "spawn-async",
        "@expo/spawn-async",
        "tinyexec",
        "nano-spawn",
    ],
    modules: &[
        "child_process",
        "shelljs",
        "mz/child_process",
        "child-process-promise",
        "promisify-child-process",
    ],
    imports,
    directives: |_, _, _| {},
    ..PLAIN
};

/// Node's own modules, which no package provides: `node -p "require('module').builtinModules.join()"`.
const BUILTIN: &[&str] = &[
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "sys",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// Endings of what an import reads as data, at the place it has at run time.
const DATA: &[&str] = &[
    ".json", ".json5", ".node", ".wasm", ".yaml", ".yml", ".proto", ".graphql", ".sql", ".txt",
];

/// The package that a module specifier names; nothing for relative paths, Node's own modules and aliases.
fn package(specifier: &str) -> Option<&str> {
    if specifier.starts_with(['.', '/', '#', '~'])
        || specifier.contains(':')
        || specifier.is_empty()
    {
        return None;
    }
    let mut slashes = specifier.match_indices('/').map(|(at, _)| at);
    let name = match specifier.strip_prefix('@') {
        Some(scope) if scope.starts_with('/') || !scope.contains('/') => return None,
        Some(_) => slashes.nth(1),
        None => slashes.next(),
    };
    let name = &specifier[..name.unwrap_or(specifier.len())];
    (!BUILTIN.contains(&name)).then_some(name)
}

fn imports(tokens: &[Token<'_>], file: &str, scan: &mut Scan) -> Vec<usize> {
    let mut specifiers = Vec::new();
    for at in 0..tokens.len() {
        let Some(word) = tokens[at].word() else {
            continue;
        };
        let next = |ahead: usize| tokens.get(at + ahead);
        let called = next(1).is_some_and(|token| token.is(b'('));
        let (literal, type_only) = match word {
            "require" | "import" if called => (at + 2, false),
            // `require.resolve('x')`
            "require" if next(2).is_some_and(|token| token.word() == Some("resolve")) => {
                (at + 4, false)
            }
            "import" | "from" if !before_dot(tokens, at) => {
                (at + 1, word == "from" && only_types(tokens, at))
            }
            _ => continue,
        };
        let Some(text) = tokens
            .get(literal)
            .and_then(Token::text)
            .filter(|text| !text.open && text.head.is_none())
        else {
            continue;
        };
        // `require('./a' + b)` is not the module `./a`.
        if called
            && !tokens
                .get(literal + 1)
                .is_some_and(|after| after.is(b')') || after.is(b','))
        {
            continue;
        }
        if let Some(package) = package(&text.text) {
            add_import(scan, package, type_only, file, tokens[literal].line);
        }
        let data =
            text.text.starts_with('.') && DATA.iter().any(|ending| text.text.ends_with(ending));
        if !data {
            specifiers.push(literal);
        }
    }
    specifiers
}

fn before_dot(tokens: &[Token<'_>], at: usize) -> bool {
    at > 0 && tokens[at - 1].is(b'.')
}

/// Whether the names before `from` are types: `import type …`, `import { type A, type B }`.
fn only_types(tokens: &[Token<'_>], from: usize) -> bool {
    // An import names a few things; what is longer is not worth the search.
    let start = (from.saturating_sub(200)..from)
        .rev()
        .find(|at| matches!(tokens[*at].word(), Some("import" | "export")));
    let Some(start) = start else { return false };
    let names = &tokens[start + 1..from];
    match names {
        [first, second, ..] if first.word() == Some("type") && !second.is(b',') => true,
        [open, inner @ .., close] if open.is(b'{') && close.is(b'}') => {
            let mut members = inner
                .split(|token| token.is(b','))
                .filter(|member| !member.is_empty());
            !inner.is_empty()
                && members.all(|member| member.len() > 1 && member[0].word() == Some("type"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::package;

    #[test]
    fn a_specifier_names_a_package() {
        let cases = [
            ("express", Some("express")),
            ("lodash/fp", Some("lodash")),
            ("@nestjs/core", Some("@nestjs/core")),
            ("@nestjs/core/a/b", Some("@nestjs/core")),
            ("./a", None),
            ("../a", None),
            ("@/a", None),
            ("~/a", None),
            ("#a", None),
            ("node:fs", None),
            ("fs", None),
            ("fs/promises", None),
            ("fs-extra", Some("fs-extra")),
            ("https://a/b.js", None),
            ("", None),
        ];
        for (specifier, expected) in cases {
            assert_eq!(package(specifier), expected, "{specifier}");
        }
    }
}
