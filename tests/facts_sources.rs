//! Evidence in source files.
#![allow(clippy::unwrap_used)]

use dockopt::facts::sources::{Scan, WrittenPath, scan};
use dockopt::facts::{MemoryContext, NoContext};
use proptest::prelude::*;

/// What a single source says in a context that has these other paths.
fn given(file: &str, text: &str, others: &[&str]) -> Scan {
    let context = [(file, text)]
        .into_iter()
        .collect::<MemoryContext>()
        .with_paths(others);
    let glob = format!("**/*.{}", file.rsplit('.').next().unwrap());
    scan(&context, &[glob], &[]).present().unwrap()
}

fn paths(scan: &Scan) -> Vec<&str> {
    scan.paths.iter().map(|used| used.path.as_str()).collect()
}

/// The programs that are started, and the lines where.
fn started(scan: &Scan) -> Vec<(&str, usize)> {
    let commands = scan.commands.iter();
    commands
        .map(|command| (command.name.as_str(), command.source.line))
        .collect()
}

fn calls(scan: &Scan) -> Vec<(&str, usize)> {
    scan.dynamic
        .iter()
        .map(|dynamic| (dynamic.call.as_str(), dynamic.source.line))
        .collect()
}

const APP: &[&str] = &[
    "views/index.html",
    "public/logo.png",
    "templates/a.html",
    "data/x.json",
    "src/assets/a.txt",
    "config/default.json",
    "package.json",
    "certs/key.pem",
    "proto/a.proto",
    "migrations/1.sql",
    ".env",
];

/// A line of JavaScript in `src/app.js`, and the paths that it names.
const JAVASCRIPT: &[(&str, &[&str])] = &[
    ("app.set('views', './views')", &["views"]),
    (
        "app.set(\"views\", path.join(__dirname, '..', 'views'))",
        &["views"],
    ),
    (
        "app.set('x', path.join(__dirname, '../views', 'index.html'))",
        &["views/index.html"],
    ),
    (
        "app.use(express.static(`${__dirname}/../public`))",
        &["public"],
    ),
    (
        "app.use(express.static(__dirname + '/../public'))",
        &["public"],
    ),
    ("app.use(express.static('public'))", &["public"]),
    (
        "const p = join(process.cwd(), 'data', 'x.json')",
        &["data/x.json"],
    ),
    ("const p = path.resolve('data', 'x.json')", &["data/x.json"]),
    ("const p = process.cwd() + '/data/x.json'", &["data/x.json"]),
    (
        "const p = path.resolve(__dirname, 'assets')",
        &["src/assets"],
    ),
    ("read('templates/*.html')", &["templates"]),
    ("read('templates/{a,b}.html')", &["templates"]),
    ("read(`templates/${name}.html`)", &["templates"]),
    ("read('templates/' + name)", &["templates"]),
    (
        "const f = new URL('./assets/a.txt', import.meta.url)",
        &["src/assets/a.txt"],
    ),
    ("// read('data/x.json')\n/* 'views' */", &[]),
    ("const r = /'data/; const s = 'views'", &["views"]),
    ("const a = b / c; const s = 'views' / d", &["views"]),
    ("app.get('/views', h)", &[]),
    ("const s = 'a data/x.json b'", &[]),
    ("const s = '/data/x.json'", &[]),
    ("const x = require('../package.json')", &["package.json"]),
    ("import x from '../views'", &[]),
    ("const u = 'https://a/data/x.json'", &[]),
    (
        "const s = <p>Don't</p>\nread('data/x.json')",
        &["data/x.json"],
    ),
    (
        "const s = `a ${b(`c ${'data/x.json'}`)} d`",
        &["data/x.json"],
    ),
];

#[test]
fn javascript_literals_name_paths() {
    for (line, expected) in JAVASCRIPT {
        let scan = given("src/app.js", line, APP);
        assert_eq!(paths(&scan), *expected, "{line}");
        assert_eq!(calls(&scan), [], "{line}");
    }
}

/// JavaScript that reads what cannot be known, and the calls that do.
const DYNAMIC: &[(&str, &[(&str, usize)])] = &[
    ("fs.readFile(file, cb)", &[("fs.readFile(file)", 1)]),
    ("\nfs.readdirSync(process.cwd())", &[]),
    (
        "fs.readFileSync(path.join(process.cwd(), name))",
        &[
            ("fs.readFileSync(path.join.process)", 1),
            ("path.join(process.cwd)", 1),
        ],
    ),
    (
        "const p = join(process.cwd(), name)",
        &[("join(process.cwd)", 1)],
    ),
    (
        "fs.readFileSync(path.join(dir, 'package.json'))",
        &[("fs.readFileSync(path.join.dir)", 1)],
    ),
    ("require(name)", &[("require(name)", 1)]),
    ("await import(`./${name}.js`)", &[("import()", 1)]),
    (
        "res.sendFile(req.params.file)",
        &[("res.sendFile(req.params.file)", 1)],
    ),
    (
        "const f = (file) => fs.readFileSync(file); const file = 'data/x.json'",
        &[("fs.readFileSync(file)", 1)],
    ),
    (
        "function load(file) {\n return fs.readFileSync(file) }\nlet file = 'data/x.json'",
        &[("fs.readFileSync(file)", 2)],
    ),
    ("let x = `unclosed", &[("a literal without its end", 1)]),
    // What can be followed.
    (
        "const file = path.join(__dirname, '../data/x.json')\nfs.readFileSync(file)",
        &[],
    ),
    (
        "const dir: string = join(__dirname, '../migrations');\nfs.readdirSync(dir).forEach(f => require(path.join(dir, f)))",
        &[],
    ),
    (
        "this.dir = '../views'; fs.readFileSync(path.join(this.dir, name))",
        &[],
    ),
    ("fs.readFileSync(process.env.KEY || './certs/key.pem')", &[]),
    (
        "fs.readFileSync(dev ? 'certs/key.pem' : '/run/key.pem')",
        &[],
    ),
    (
        "fs.readFileSync('/etc/hosts'); fs.readFileSync('not/there.txt')",
        &[],
    ),
    ("fs.readFileSync(path.join(os.tmpdir(), name))", &[]),
    ("fs.readdirSync(__dirname).forEach(f => f)", &[]),
    (
        "class A { async readFile(path: string): Promise<string> { return x } }",
        &[],
    ),
    (
        "const { readFile } = require('fs'); import fs from 'fs/promises'",
        &[],
    ),
    ("require(\n'express')", &[]),
    ("fs.openSync(log, 'a')", &[]),
    (
        "const protoFile = resolve('proto/a.proto') as string; protoLoader.loadSync(protoFile)",
        &[],
    ),
];

#[test]
fn javascript_that_reads_unknown_files_is_said() {
    for (text, expected) in DYNAMIC {
        let file = if text.contains(": string") {
            "src/app.ts"
        } else {
            "src/app.js"
        };
        assert_eq!(calls(&given(file, text, APP)), *expected, "{text}");
    }
}

#[test]
fn the_own_directory_is_a_path_and_the_root_is_told() {
    let scan = given(
        "src/models/index.js",
        "fs.readdirSync(__dirname).forEach(f => require(path.join(__dirname, f)))",
        &["src/models/user.json"],
    );
    assert_eq!(paths(&scan), ["src/models"]);
    assert_eq!(calls(&scan), []);
    let scan = given("app.js", "app.use(express.static('.'))", &[]);
    assert_eq!(paths(&scan), [""]);
    let scan = given("app.js", "app.use(express.static(__dirname))", &[]);
    assert_eq!(paths(&scan), [""]);
    let scan = given(
        "app.js",
        "const root = path.join(__dirname, '..'); s.split('.')",
        &[],
    );
    assert_eq!((paths(&scan), calls(&scan)), (vec![], vec![]));
}

#[test]
fn a_path_may_be_relative_to_any_directory_above_the_source() {
    let scan = given(
        "backend/src/app.ts",
        "app.set('x', './views')",
        &["backend/views/a.html", "views/b.html"],
    );
    assert_eq!(paths(&scan), ["backend/views", "views"]);
}

#[test]
fn a_single_word_names_a_directory_only_where_programs_start() {
    let others = [
        "src/books/a.json",
        "api/books/b.json",
        "api/package.json",
        "books/c.json",
    ];
    let scan = given(
        "src/books/books.controller.ts",
        "@Controller('books')",
        &others,
    );
    assert_eq!(paths(&scan), ["books"]);
    let scan = given("api/src/app.ts", "app.set('x', 'books')", &others);
    assert_eq!(paths(&scan), ["api/books", "books"]);
    // An element of a path may lie anywhere.
    for text in [
        "join(ROOT, 'books')",
        "ROOT + '/books'",
        "`${ROOT}/books/${x}`",
    ] {
        assert_eq!(
            paths(&given("src/app.ts", text, &others)),
            ["src/books", "books"],
            "{text}"
        );
    }
}

#[test]
fn javascript_imports_are_packages() {
    let text = "#!/usr/bin/env node\nimport express from 'express';\nimport type { A } from 'types-a';\nimport { type B, type C } from 'types-b';\n\
        import { type D, e } from 'e';\nimport 'side';\nimport fs from 'node:fs';\nimport { x } from './x';\nexport * from '@scope/pkg/sub';\n\
        const y = require('y'), z = await import('z');\nArray.from('no');\nrequire.resolve('resolved');\nimport type from 'named-type';\n";
    let scan = given("src/app.ts", text, &[]);
    let imports: Vec<_> = scan
        .imports
        .iter()
        .map(|import| {
            (
                import.package.as_str(),
                import.type_only,
                import.source.line,
            )
        })
        .collect();
    let expected = [
        ("express", false, 2),
        ("types-a", true, 3),
        ("types-b", true, 4),
        ("e", false, 5),
        ("side", false, 6),
        ("@scope/pkg", false, 9),
        ("y", false, 10),
        ("z", false, 10),
        ("resolved", false, 12),
        ("named-type", false, 13),
    ];
    assert_eq!(imports, expected);
}

/// Sources of languages that compile to nothing, or have calls without brackets, and the programs they start.
#[test]
fn programs_that_ruby_elixir_dart_and_swift_start_are_known() {
    for (file, text, expected) in [
        (
            "a.rb",
            "`git log | head -1`\nsystem \"convert\", src, out\nsystem({ 'A' => 'b' }, 'sort', f)\nIO.popen(\"file -b #{path}\")\n\
             out = Open3.capture3('pdftotext', f)\n%x(gs --version)\nconnection.exec('SELECT 1')\nlist.system\n# `curl x`\n",
            &["convert", "file", "git", "gs", "head", "pdftotext", "sort"][..],
        ),
        (
            "lib/a.ex",
            "def a, do: System.cmd(\"git\", [\"status\"])\ndef b, do: :os.cmd('ps aux | wc -l')\nSystem.shell \"which #{x}\"\n\
             @doc \"\"\"\n  Runs it: curl -x\n\"\"\"\nRepo.run(\"dot\")\n",
            &["git", "ps", "wc", "which"],
        ),
        (
            "bin/a.dart",
            "await Process.run('git', ['status']);\nProcess.start('ffmpeg', args);\napp.run('dot');\nwhichSync('exiftool');\n",
            &["exiftool", "ffmpeg", "git"],
        ),
        (
            "Sources/App/a.swift",
            "try shellOut(to: \"git\", arguments: [\"status\"])\nlet app = run(\"dot\", on: 1)\n",
            &["dot", "git"],
        ),
    ] {
        let scan = given(file, text, &[]);
        let mut names: Vec<_> = scan
            .commands
            .iter()
            .map(|command| command.name.as_str())
            .collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{file}");
    }
    let swift = "let p = Process()\np.executableURL = URL(fileURLWithPath: \"/usr/bin/env\")\np.arguments = [\"git\", \"status\"]\n";
    let scan = given("a.swift", swift, &[]);
    assert!(scan.opaque_start.is_some() && scan.mentioned.contains_key("git"));
}

/// `views/#{name}.erb` names the folder, not a file of that very name.
#[test]
fn what_is_put_into_a_string_is_no_part_of_its_path() {
    for (file, text) in [
        ("a.rb", "render \"views/#{name}.erb\""),
        ("a.exs", "File.read!(\"views/#{name}\")"),
        ("a.dart", "File('views/$name.html')"),
        ("a.dart", "File('views/${page.name}.html')"),
        ("a.swift", "String(contentsOfFile: \"views/\\(name).html\")"),
    ] {
        let scan = given(file, text, &["views/a.html"]);
        assert_eq!(paths(&scan), ["views"], "{file}: {text}");
    }
}

#[test]
fn programs_are_known_by_their_first_word() {
    let text = "exec('git log | head -1');\nspawn(\"ffmpeg\", ['-i', x]);\nre.exec('abc');\ncp.execSync(`convert ${a} b`);\nspawn(process.execPath);\nexecFile('/usr/bin/dot')";
    let scan = given("a.js", text, &[]);
    assert_eq!(
        started(&scan),
        [
            ("git", 1),
            ("head", 1),
            ("ffmpeg", 2),
            ("convert", 4),
            ("dot", 6)
        ]
    );
    let scan = given(
        "a.py",
        "subprocess.run(['ffmpeg', '-i', x])\nos.system('A=b git pull && make')\nrunner.run('x')\n",
        &[],
    );
    let names: Vec<_> = scan
        .commands
        .iter()
        .map(|command| command.name.as_str())
        .collect();
    assert_eq!(names, ["ffmpeg", "git", "make"]);
    let scan = given(
        "a.go",
        "exec.Command(\"git\", \"log\")\nexec.CommandContext(ctx, \"tar\")\nother.Command(\"x\")",
        &[],
    );
    let names: Vec<_> = scan
        .commands
        .iter()
        .map(|command| command.name.as_str())
        .collect();
    assert_eq!(names, ["git", "tar"]);
}

#[test]
fn programs_that_are_imported_by_their_names_are_seen() {
    let text = "from sh import git, apt_get as install\nfrom plumbum.cmd import (\n    grep,\n    wc)\nfrom invoke import task\nfrom os import path\n";
    let scan = given("a.py", text, &[]);
    assert_eq!(
        started(&scan),
        [("git", 1), ("apt-get", 1), ("grep", 2), ("wc", 2)]
    );
}

#[test]
fn erlang_starts_programs_by_its_library() {
    let text = "% don't os:cmd(\"no\")\nrun() -> os:cmd(\"git status\"), os:find_executable(\"curl\"),\n  open_port({spawn, \"ffmpeg -i a\"}, [exit_status]).\n";
    let scan = given("a.erl", text, &[]);
    assert_eq!(started(&scan), [("git", 2), ("curl", 2)]);
    assert!(scan.opaque_start.is_some() && scan.mentioned.contains_key("ffmpeg"));
}

#[test]
fn what_a_program_is_told_is_known_as_far_as_it_is_written() {
    for (file, text) in [
        ("a.py", "subprocess.run(['tar', '-xJf', path])"),
        ("a.py", "os.system('tar -xJf ' + path)"),
        ("a.js", "spawn('tar', ['-xJf', path])"),
        ("a.go", "exec.Command(\"tar\", \"-xJf\", path)"),
    ] {
        let scan = given(file, text, &[]);
        let told = |command: &dockopt::facts::sources::Spawned| {
            (command.name.clone(), command.rest.trim().to_string())
        };
        let told: Vec<_> = scan.commands.iter().map(told).collect();
        assert_eq!(told, [("tar".into(), "-xJf".into())], "{file}: {text}");
    }
}

#[test]
fn programs_that_a_module_starts_where_it_is_required_are_seen() {
    let text = "require('child_process').exec('ps aux')\nrequire(\"node:child_process\").exec('file x')\nconst spawn = require('cross-spawn')\nspawn.sync('git', ['log'])\nrequire('cross-spawn').sync('make')\nrequire('events').exec('free')\nstore.sync('wget', [])\n";
    let scan = given("a.js", text, &[]);
    assert_eq!(
        started(&scan),
        [("ps", 1), ("file", 2), ("git", 4), ("make", 5)]
    );
}

/// A line of Python in `app/main.py`.
const PYTHON: &[(&str, &[&str])] = &[
    ("open('data/x.json')", &["data/x.json"]),
    (
        "open(os.path.join(os.path.dirname(__file__), '..', 'data', 'x.json'))",
        &["data/x.json"],
    ),
    (
        "BASE = Path(__file__).resolve().parent.parent\nT = BASE / 'templates'\nopen(T / name)",
        &["templates"],
    ),
    (
        "open(Path(__file__).parents[1] / 'data' / f'{name}.json')",
        &["data"],
    ),
    (
        "BASE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\nD = [os.path.join(BASE_DIR, \"templates\")]",
        &["templates"],
    ),
    ("x = f'templates/{name}.html'", &["templates"]),
    ("x = r'data\\x.json'", &["data/x.json"]),
    ("'''\nopen('data/x.json')\n'''", &[]),
    ("# open('data/x.json')", &[]),
    ("open('data/' 'x.json')", &["data/x.json"]),
    ("open(os.getenv('F', 'data/x.json'))", &["data/x.json"]),
];

#[test]
fn python_literals_name_paths() {
    for (text, expected) in PYTHON {
        let scan = given("app/main.py", text, APP);
        assert_eq!(paths(&scan), *expected, "{text}");
        assert_eq!(calls(&scan), [], "{text}");
    }
    let scan = given(
        "app/main.py",
        "def load(path):\n    with open(path) as f:\n        return f\nopen(out, 'w')\nopen(f'{path}/a')\n",
        APP,
    );
    assert_eq!(calls(&scan), [("open(path)", 2), ("open()", 5)]);
}

#[test]
fn python_imports_are_top_level_modules() {
    let text = "import os, numpy as np\nfrom a.b import c\nfrom . import d\nfrom .e import f\nif x:\n    import g.h\nx = 'import no'\n";
    let scan = given("a.py", text, &[]);
    let imports: Vec<_> = scan
        .imports
        .iter()
        .map(|import| (import.package.as_str(), import.source.line))
        .collect();
    assert_eq!(imports, [("os", 1), ("numpy", 1), ("a", 2), ("g", 6)]);
}

#[test]
fn go_sources_are_read() {
    let text = "package main\n\nimport \"C\"\nimport (\n\t\"os\"\n\tpg \"github.com/lib/pq\" // driver\n)\n\n//go:embed templates/*.html \"data dir\" all:public\n\
        var files embed.FS\n\nfunc main() {\n\tr.LoadHTMLGlob(\"templates/*\")\n\thttp.FileServer(http.Dir(\"./public\"))\n\tos.ReadFile(filepath.Join(\"data\", \"x.json\"))\n\
        \tos.ReadFile(*path)\n\tx := 'a'\n\ty := `raw\n data/x.json`\n\tr.Static(\"/assets\", \"./views\")\n}\n\nfunc load(name string) {\n\tos.Open(name)\n}\n";
    let scan = given("main.go", text, APP);
    let imports: Vec<_> = scan
        .imports
        .iter()
        .map(|import| (import.package.as_str(), import.source.line))
        .collect();
    assert_eq!(imports, [("C", 3), ("os", 5), ("github.com/lib/pq", 6)]);
    let embeds: Vec<_> = scan
        .embeds
        .iter()
        .map(|(pattern, source)| (pattern.as_str(), source.line))
        .collect();
    assert_eq!(
        embeds,
        [("templates/*.html", 9), ("data dir", 9), ("public", 9)]
    );
    assert_eq!(
        paths(&scan),
        ["templates", "public", "data/x.json", "views"]
    );
    assert_eq!(
        calls(&scan),
        [("os.ReadFile(path)", 16), ("os.Open(name)", 24)]
    );
}

#[test]
fn other_languages_give_their_literals() {
    let scan = given(
        "app.rb",
        "# 'public'\nset :views, 'views' \nx = \"data/x.json\"",
        APP,
    );
    assert_eq!(paths(&scan), ["views", "data/x.json"]);
    assert_eq!(scan.literals.len(), 2);
}

#[test]
fn which_files_are_searched() {
    let files = [
        ("a.js", "'views'"),
        ("a.test.js", "'data'"),
        ("node_modules/x/a.js", "'public'"),
        ("big.mjs", "''"),
    ];
    let context = files.into_iter().collect::<MemoryContext>().with_paths(APP);
    let globs = |globs: &[&str]| {
        globs
            .iter()
            .map(|glob| glob.to_string())
            .collect::<Vec<_>>()
    };
    let found = scan(&context, &globs(&["**/*.js"]), &globs(&["**/*.test.*"]))
        .present()
        .unwrap();
    assert_eq!(paths(&found), ["views"]);
    assert!(scan(&context, &globs(&["**/*.rb"]), &[]).is_absent());
    assert!(
        scan(&NoContext, &globs(&["**/*.js"]), &[])
            .unknown()
            .is_some()
    );
    // A source that cannot be read leaves what the others say.
    let context: MemoryContext = [("views/a.html", "x"), ("b.js", "use('./views')")].into();
    let context = context.with_paths(["a.js"]);
    let found = scan(&context, &globs(&["*.js"]), &[]).present().unwrap();
    assert_eq!(paths(&found), ["views"]);
    let (file, reason) = found.unread.unwrap();
    assert_eq!(file, "a.js");
    assert_eq!(reason, "the text of `a.js` is not at hand");
}

#[test]
fn the_time_is_linear() {
    let hard = [
        "'\\'",
        "`${",
        "fs.readFile(",
        "join(",
        "/a",
        "{",
        "(a = ",
        "x = x + ",
        "f(() => { const a = ",
        "\"\"\"",
        "f'{",
        "a ? b : ",
        "a.b?.",
        "import {",
        "from 'a'\n",
        "/*",
        "open(x / ",
        "join('views', ",
        "fs.readFile('views' + ",
    ];
    for piece in hard {
        let text = piece.repeat(100_000 / piece.len());
        for file in ["a.js", "a.py", "a.go"] {
            let start = std::time::Instant::now();
            let _ = given(file, &text, APP);
            assert!(
                start.elapsed().as_secs() < 5,
                "{piece} in {file} takes {:?}",
                start.elapsed()
            );
        }
    }
}

proptest! {
    #[test]
    fn nothing_panics(text in any::<String>()) {
        for file in ["a.ts", "a.py", "a.go", "a.rb"] {
            given(file, &text, APP);
        }
    }

    #[test]
    fn no_code_panics(pieces in prop::collection::vec(prop::sample::select(vec![
        "'", "\"", "`", "${", "}", "{", "(", ")", "[", "]", "fs.readFile", "join", "path.join", "__dirname", "'..'", "'views'", "+", "/", ",", "=", "=>",
        "\n", "\\", "x", "const ", "import ", " from ", "require", ".", "?", ":", ";", "open", "Path", ".parent", "exec", "é", "//", "/*", "*/", "#", "f'{x}/a'",
        "\"\"\"", "as ", "!", "|| ", "?? ", "await ", "func ", "function ", "this.", "process.cwd()",
    ]), 0..40)) {
        let text = pieces.concat();
        for file in ["src/a.ts", "a.py", "a.go"] {
            given(file, &text, APP);
        }
    }
}

fn written(file: &str, text: &str) -> Vec<String> {
    let mut found: Vec<String> = given(file, text, APP)
        .writes
        .iter()
        .map(|written| match &written.path {
            WrittenPath::Known { here, text, open } => format!(
                "{}{text}{}{}",
                if *here { "here:" } else { "" },
                if *open { "*" } else { "" },
                if written.directory { "/" } else { "" }
            ),
            WrittenPath::Temporary => "temporary".to_string(),
            WrittenPath::Unknown => "unknown".to_string(),
        })
        .collect();
    found.sort();
    found
}

#[test]
fn what_javascript_writes_is_followed() {
    let cases: &[(&str, &[&str])] = &[
        ("fs.writeFileSync('a.txt', x)", &["a.txt"]),
        (
            "const n = path.join(__dirname, 'n.txt')\nfs.appendFileSync(n, x)",
            &["here:n.txt"],
        ),
        ("fs.createWriteStream(`./logs/${day}.log`)", &["./logs/*"]),
        ("fs.writeFile(file, x, done)", &["unknown"]),
        ("fs.writeFile('/data/x', x, done)", &["unknown"]),
        ("fs.writeFile('/tmp/x', x, done)", &["temporary"]),
        (
            "const t = path.join(os.tmpdir(), 'x')\nfs.writeFileSync(t, x)",
            &["temporary"],
        ),
        (
            "const t = path.join(os.homedir(), 'x')\nfs.writeFileSync(t, x)",
            &["unknown"],
        ),
        (
            "fs.mkdirSync('uploads', { recursive: true })",
            &["uploads/"],
        ),
        ("fs.rename('a', 'b', done)", &["a", "b"]),
        ("fs.openSync('a', 'r')", &[]),
        ("fs.openSync('a', 'w')", &["a"]),
        ("fs.openSync('a', mode)", &["a"]),
        ("multer({ limits: {}, dest: 'uploads/' })", &["uploads/"]),
        ("new Database(':memory:')", &["temporary"]),
        ("new sqlite3.Database('./app.db')", &["./app.db"]),
        ("fs.readFileSync('a.txt')", &[]),
        ("function writeFile(name) {}", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(written("src/app.js", text), *expected, "{text}");
    }
}

#[test]
fn what_python_writes_is_followed() {
    let cases: &[(&str, &[&str])] = &[
        ("open('a.txt', 'w')", &["a.txt"]),
        ("open('a.txt', mode='a')", &["a.txt"]),
        ("open('a.txt')", &[]),
        ("open('a.txt', encoding='utf-8')", &[]),
        ("open(name, 'wb')", &["unknown"]),
        (
            "LOG = Path(__file__).parent / 'log.txt'\nLOG.write_text(x)",
            &["here:log.txt"],
        ),
        ("(BASE / 'x').write_text(x)", &["unknown"]),
        ("os.makedirs('data', exist_ok=True)", &["data/"]),
        ("sqlite3.connect(database='data/app.db')", &["data/app.db"]),
        ("sqlite3.connect(':memory:')", &["temporary"]),
        (
            "logging.basicConfig(level=1, filename='app.log')",
            &["app.log"],
        ),
        ("item.save()", &[]),
        ("form.save(commit=False)", &[]),
        ("upload.save(os.path.join('media', name))", &["media/*"]),
        ("shutil.copy(source, 'out/x')", &["out/x"]),
    ];
    for (text, expected) in cases {
        assert_eq!(written("app.py", text), *expected, "{text}");
    }
}
