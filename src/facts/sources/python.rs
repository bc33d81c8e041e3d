//! Python.

use super::Scan;
use super::language::{Function, Here, Language, PLAIN, add_import};
use super::lex::{Syntax, Token};

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        slash_comments: false,
        hash_comments: true,
        python: true,
        ..PLAIN.syntax
    },
    joins: &["join", "path.join", "os.path.join", "posixpath.join"],
    parents: &["dirname", "path.dirname", "os.path.dirname"],
    forms: &[
        "abspath",
        "path.abspath",
        "os.path.abspath",
        "realpath",
        "path.realpath",
        "os.path.realpath",
        "normpath",
        "os.path.normpath",
        "Path",
        "pathlib.Path",
        "PurePath",
        "str",
        "os.fspath",
    ],
    here: &[("__file__", Here::File)],
    current: &["os.getcwd", "getcwd", "Path.cwd", "pathlib.Path.cwd"],
    elsewhere: &[
        "tempfile.gettempdir",
        "gettempdir",
        "tempfile.mkdtemp",
        "mkdtemp",
        "Path.home",
        "tempfile.mkstemp",
    ],
    readers: &[
        Function::of("open", &["", "io", "codecs", "aiofiles"]),
        Function::any("listdir"),
        Function::any("scandir"),
        Function::of("walk", &["os"]),
        Function::of("glob", &["", "glob"]),
        Function::any("iglob"),
        Function::any("send_file"),
        Function::any("send_from_directory"),
        Function::any("read_csv"),
        Function::any("read_excel"),
        Function::any("read_json"),
        Function::any("read_parquet"),
        Function::any("FileSystemLoader"),
        Function::any("load_dotenv"),
    ],
    spawns: &[
        Function::of("run", &["subprocess", "sp"]),
        Function::of("call", &["subprocess", "sp"]),
        Function::any("check_call"),
        Function::any("check_output"),
        Function::any("Popen"),
        Function::of("system", &["os"]),
        Function::of("popen", &["os"]),
        Function::of("which", &["shutil"]),
        Function::any("create_subprocess_exec"),
        Function::any("create_subprocess_shell"),
        Function::any("getoutput"),
        Function::any("getstatusoutput"),
        Function::of("spawn", &["pexpect"]),
        Function::of("execvp", &["os"]),
        Function::of("execlp", &["os"]),
    ],
    loads: &[Function::any("find_library")],
    starters: &["subprocess"],
    shells: &[
        "sh",
        "plumbum",
        "invoke",
        "fabric",
        "pexpect",
        "delegator",
        "sarge",
    ],
    writers: &[
        Function::of("remove", &["os"]),
        Function::of("unlink", &["os"]),
        Function::of("rename", &["os"]),
        Function::of("rename", &["os"]).at(1),
        Function::of("replace", &["os"]),
        Function::of("replace", &["os"]).at(1),
        Function::of("symlink", &["os"]).at(1),
        Function::of("rmtree", &["", "shutil"]),
        Function::of("copy", &["shutil"]).at(1),
        Function::any("copyfile").at(1),
        Function::any("copy2").at(1),
        Function::any("copytree").at(1),
        Function::of("move", &["shutil"]),
        Function::of("move", &["shutil"]).at(1),
        Function::of("connect", &["sqlite3", "aiosqlite"]),
        Function::of("ZipFile", &["", "zipfile"]),
        Function::any("FileHandler"),
        Function::any("RotatingFileHandler"),
        Function::any("TimedRotatingFileHandler"),
        Function::any("WatchedFileHandler"),
        Function::any("save"),
        Function::any("to_csv"),
        Function::any("to_excel"),
        Function::any("to_json"),
        Function::any("to_parquet"),
        Function::any("to_pickle"),
        Function::any("savefig"),
        Function::any("imwrite"),
        Function::any("imsave"),
    ],
    makers: &[Function::of("mkdir", &["os"]), Function::any("makedirs")],
    own_writers: &[
        "write_text",
        "write_bytes",
        "mkdir",
        "touch",
        "unlink",
        "rmdir",
    ],
    written_options: &[("basicConfig", "filename")],
    slash_joins: true,
    imports,
    directives: |_, _, _| {},
    ..PLAIN
};

/// The top-level modules of `import a.b, c as d` and `from a.b import c`; relative ones are the project's own.
fn imports(tokens: &[Token<'_>], file: &str, scan: &mut Scan) -> Vec<usize> {
    let mut at = 0;
    while at < tokens.len() {
        let begins_line =
            at == 0 || tokens[at - 1].line < tokens[at].line || tokens[at - 1].is(b';');
        let line = tokens[at].line;
        match tokens[at].word() {
            Some("from") if begins_line => {
                if let Some(module) = tokens
                    .get(at + 1)
                    .and_then(Token::word)
                    .filter(|_| tokens[at + 1].line == line)
                {
                    add_import(scan, module, false, file, line);
                }
                at += 1;
            }
            Some("import") if begins_line => {
                let mut name_comes = true;
                at += 1;
                while let Some(token) = tokens
                    .get(at)
                    .filter(|token| token.line == line && !token.is(b';'))
                {
                    match token.word() {
                        Some(module) if name_comes => add_import(scan, module, false, file, line),
                        _ => {}
                    }
                    name_comes = token.is(b',');
                    at += 1;
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    Vec::new()
}
