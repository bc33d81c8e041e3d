//! The generic readers behind `facts:`.
#![allow(clippy::unwrap_used)]

use dockopt::facts::reader::{FactSpec, Format, Reader, Value, parse};
use dockopt::facts::{MemoryContext, NoContext, Source, Tri};

const FILES: [(&str, &str); 12] = [
    (
        "package.json",
        "{\n  \"name\": \"app\",\n  \"scripts\": {\n    \"build\": \"nest build\",\n    \"start:prod\": \"node dist/main\"\n  },\n  \
         \"dependencies\": { \"@nestjs/core\": \"^10\", \"express\": \"4\" },\n  \"workspaces\": [\"a\", \"b\"],\n  \
         \"private\": true,\n  \"nothing\": null,\n  \"engines\": {\"node\": \">=20\"}\n}\n",
    ),
    (
        "tsconfig.json",
        "\u{feff}// build\n{\n  \"compilerOptions\": {\n    /* where */ \"outDir\": \"./dist\", // here\n  },\n}\n",
    ),
    (
        "pyproject.toml",
        "[project]\nname = \"web\"\nrequires-python = \">=3.12\"\ndependencies = [\n  \"flask\",\n  \"gunicorn>=20\",\n]\n\
         [tool.poetry.dependencies]\npython = \"^3.12\"\n[[tool.uv.index]]\nurl = \"https://x\"\n[tool.n]\nversion = 1.20\n",
    ),
    (
        "compose.yaml",
        "services:\n  web:\n    image: \"app\"\n    version: 1.20\n    on: yes\n    empty:\n    ports: [80, 443]\n",
    ),
    (
        "pom.xml",
        "<?xml version=\"1.0\"?>\n<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  <build>\n    <finalName>shop</finalName>\n  \
         </build>\n  <dependencies>\n    <dependency><artifactId>a</artifactId></dependency>\n    \
         <dependency><artifactId>b</artifactId></dependency>\n  </dependencies>\n</project>\n",
    ),
    (
        "App.csproj",
        "<Project Sdk=\"Microsoft.NET.Sdk.Web\">\n<PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup></Project>",
    ),
    ("broken.json", "{\n  \"a\": 1\n  \"b\": 2\n}"),
    ("twice.yaml", "a: 1\na: 2\n"),
    ("go.mod", "module example.com/shop\n\ngo 1.22\n"),
    ("src/a.ts", "import x from 'x';\nimport y from 'y';\n"),
    ("src/sub/b.ts", "import y from 'y';\nimport z from 'z';\n"),
    ("node_modules/x/index.ts", "import q from 'q';\n"),
];

fn spec(yaml: &str) -> FactSpec {
    let spec: FactSpec = serde_yaml::from_str(yaml).unwrap();
    spec.validate().unwrap();
    spec.validate_regex().unwrap();
    spec
}

fn read(yaml: &str) -> Tri<Value> {
    let context = MemoryContext::from(FILES);
    spec(yaml).read(&Reader::new(&context), &|hole| {
        (hole == "script").then(|| "start:prod".to_string())
    })
}

fn text(text: &str, file: &str, line: usize) -> Tri<Value> {
    let source = Some(Source {
        file: file.to_string(),
        line,
    });
    Tri::Present(Value::Text {
        text: text.to_string(),
        source,
    })
}

fn list(texts: &[(&str, &str, usize)]) -> Tri<Value> {
    let item = |(text, file, line): &(&str, &str, usize)| {
        (
            text.to_string(),
            Source {
                file: file.to_string(),
                line: *line,
            },
        )
    };
    Tri::Present(Value::List(texts.iter().map(item).collect()))
}

#[test]
fn at_reads_json() {
    let file = "package.json";
    assert_eq!(
        read("{file: package.json, at: scripts.build}"),
        text("nest build", file, 4)
    );
    assert_eq!(
        read("{file: ./package.json, at: 'scripts[\"start:prod\"]'}"),
        text("node dist/main", "./package.json", 5)
    );
    assert_eq!(
        read("{file: package.json, at: scripts.<script>}"),
        text("node dist/main", file, 5)
    );
    assert_eq!(
        read("{file: package.json, at: 'dependencies[\"@nestjs/core\"]'}"),
        text("^10", file, 7)
    );
    assert_eq!(
        read("{file: package.json, at: 'dependencies{*}'}"),
        list(&[("@nestjs/core", file, 7), ("express", file, 7)])
    );
    assert_eq!(
        read("{file: package.json, at: 'workspaces[*]'}"),
        list(&[("a", file, 8), ("b", file, 8)])
    );
    assert_eq!(
        read("{file: package.json, at: 'workspaces[1]'}"),
        text("b", file, 8)
    );
    assert_eq!(
        read("{file: package.json, at: workspaces}"),
        text("[\"a\",\"b\"]", file, 8)
    );
    assert_eq!(
        read("{file: package.json, at: private}"),
        text("true", file, 9)
    );
    assert_eq!(read("{file: package.json, at: nothing}"), Tri::Absent);
    assert_eq!(read("{file: package.json, at: scripts.test}"), Tri::Absent);
    assert_eq!(read("{file: package.json, at: name.deeper}"), Tri::Absent);
    assert_eq!(read("{file: none.json, at: a}"), Tri::Absent);
    assert_eq!(
        read("{file: tsconfig.json, at: compilerOptions.outDir}"),
        text("./dist", "tsconfig.json", 4)
    );
}

#[test]
fn at_reads_toml_yaml_and_xml() {
    let file = "pyproject.toml";
    assert_eq!(
        read("{file: pyproject.toml, at: project.requires-python}"),
        text(">=3.12", file, 3)
    );
    assert_eq!(
        read("{file: pyproject.toml, at: 'project.dependencies[*]'}"),
        list(&[("flask", file, 5), ("gunicorn>=20", file, 6)])
    );
    assert_eq!(
        read("{file: pyproject.toml, at: 'tool.poetry.dependencies{*}'}"),
        list(&[("python", file, 9)])
    );
    assert_eq!(
        read("{file: pyproject.toml, at: 'tool.uv.index[0].url'}"),
        text("https://x", file, 11)
    );
    assert_eq!(
        read("{file: pyproject.toml, at: tool.n.version}"),
        text("1.20", file, 13)
    );
    let file = "compose.yaml";
    assert_eq!(
        read("{file: compose.yaml, at: services.web.image}"),
        text("app", file, 3)
    );
    assert_eq!(
        read("{file: compose.yaml, at: services.web.version}"),
        text("1.20", file, 4)
    );
    assert_eq!(
        read("{file: compose.yaml, at: services.web.empty}"),
        Tri::Absent
    );
    assert_eq!(
        read("{file: compose.yaml, at: 'services.web.ports[*]'}"),
        list(&[("80", file, 7), ("443", file, 7)])
    );
    assert_eq!(
        read("{file: compose.yaml, at: 'services{*}'}"),
        list(&[("web", file, 2)])
    );
    assert_eq!(
        read("{file: pom.xml, at: project.build.finalName}"),
        text("shop", "pom.xml", 4)
    );
    assert_eq!(
        read("{file: pom.xml, at: 'project.dependencies.dependency[*].artifactId'}"),
        list(&[("a", "pom.xml", 7), ("b", "pom.xml", 8)])
    );
    assert_eq!(
        read("{file: pom.xml, at: project.dependencies.dependency.artifactId}"),
        text("a", "pom.xml", 7)
    );
    assert_eq!(
        read("{file: pom.xml, at: 'project.dependencies.dependency[1].artifactId'}"),
        text("b", "pom.xml", 8)
    );
    assert_eq!(
        read("{file: App.csproj, at: Project.@Sdk}"),
        text("Microsoft.NET.Sdk.Web", "App.csproj", 1)
    );
    assert_eq!(
        read("{file: App.csproj, at: Project.PropertyGroup.TargetFramework}"),
        text("net8.0", "App.csproj", 2)
    );
}

#[test]
fn first_gives_the_first_path_that_exists() {
    assert_eq!(
        read("{first: [pnpm-lock.yaml, '*.csproj', go.mod]}"),
        text("App.csproj", "App.csproj", 0)
    );
    assert_eq!(read("{first: [src]}"), text("src", "src", 0));
    assert_eq!(read("{first: ['**/index.ts']}"), Tri::Absent);
    assert_eq!(
        read("{first: ['src/**/b.ts']}"),
        text("src/sub/b.ts", "src/sub/b.ts", 0)
    );
    let default = Tri::Present(Value::Text {
        text: "dist".to_string(),
        source: None,
    });
    assert_eq!(read("{first: [nowhere], default: dist}"), default);
}

#[test]
fn regexes_read_any_text() {
    assert_eq!(
        read("{file: go.mod, regex: '^go ([0-9.]+)'}"),
        text("1.22", "go.mod", 3)
    );
    assert_eq!(
        read("{file: go.mod, regex: 'module \\S+'}"),
        text("module example.com/shop", "go.mod", 1)
    );
    assert_eq!(
        read("{file: go.mod, regex: '^toolchain (.+)$'}"),
        Tri::Absent
    );
    assert_eq!(
        read("{files: ['src/**/*.ts'], regex: \"from '(z)'\"}"),
        text("z", "src/sub/b.ts", 2)
    );
    let imports = [
        ("x", "src/a.ts", 1),
        ("y", "src/a.ts", 2),
        ("z", "src/sub/b.ts", 2),
    ];
    assert_eq!(
        read("{files: ['**/*.ts'], each: \"from '(.)'\"}"),
        list(&imports)
    );
    assert_eq!(read("{files: ['*.rs'], each: 'x'}"), Tri::Absent);
}

#[test]
fn what_cannot_be_read_is_unknown_and_no_default_hides_it() {
    let unknown = |yaml: &str| {
        read(yaml)
            .unknown()
            .unwrap_or_else(|| panic!("{yaml} is known"))
            .to_string()
    };
    assert_eq!(
        unknown("{file: broken.json, at: a, default: x}"),
        "`broken.json`:3:3: expected `,` or `}`"
    );
    assert!(unknown("{file: twice.yaml, at: a}").starts_with("`twice.yaml`:2:1: "));
    assert_eq!(
        unknown("{file: <dir>/package.json, at: a}"),
        "`<dir>` is not known"
    );
    assert!(unknown("{file: src/<up>, regex: a}").contains("`<up>`"));
    let reader = Reader::new(&NoContext);
    let none = |_: &str| None;
    assert!(
        spec("{first: [a], default: x}")
            .read(&reader, &none)
            .unknown()
            .is_some()
    );
    assert!(
        spec("{file: a.json, at: a}")
            .read(&reader, &none)
            .unknown()
            .is_some()
    );
    assert!(
        spec("{files: ['*'], each: a}")
            .read(&reader, &none)
            .unknown()
            .is_some()
    );
}

#[test]
fn filled_in_text_is_never_a_pattern() {
    let context = MemoryContext::from([("a*b/x", "1"), ("aab/x", "2"), ("<n>", "3")]);
    let reader = Reader::new(&context);
    let fill = |_: &str| Some("a*b".to_string());
    let source = |file: &str| {
        Some(Source {
            file: file.to_string(),
            line: 0,
        })
    };
    let found = spec("{first: ['<n>/*']}").read(&reader, &fill);
    assert_eq!(
        found,
        Tri::Present(Value::Text {
            text: "a*b/x".to_string(),
            source: source("a*b/x")
        })
    );
    let fill = |_: &str| Some("<n>".to_string());
    let found = spec("{first: ['<n>']}").read(&reader, &fill);
    assert_eq!(
        found,
        Tri::Present(Value::Text {
            text: "<n>".to_string(),
            source: source("<n>")
        })
    );
    assert_eq!(
        spec("{file: <a>/<b>.json, at: x.<c>.<a>}").holes(),
        ["a", "b", "c"]
    );
}

#[test]
fn a_wrong_spec_says_what_to_do() {
    let cases = [
        (
            "{at: a}",
            "a fact needs `file:`, `files:` or `first:` to say where it is read",
        ),
        (
            "{file: a.json, first: [b]}",
            "a fact has only one of `file:`, `files:` and `first:`",
        ),
        (
            "{file: a.json}",
            "a fact needs `at:`, `regex:` or `each:` to say what to read from the file",
        ),
        (
            "{file: a.json, at: b, regex: c}",
            "a fact has only one of `at:`, `regex:` and `each:`",
        ),
        (
            "{first: [a], regex: b}",
            "`first:` gives a path; put `at:`, `regex:` or `each:` beside a `file:`",
        ),
        (
            "{files: [a.json], at: b}",
            "`at:` needs `file:`; find the file with a `first:` fact and write `file: <its-name>`",
        ),
        (
            "{file: a.txt, at: b}",
            "the name of `a.txt` does not tell its format: add `format: json`, `toml`, `yaml` or `xml`",
        ),
        (
            "{file: a.json, at: 'b['}",
            "`at: b[`: `[`: the `]` is missing",
        ),
        (
            "{file: a.json, at: 'b[x]'}",
            "`at: b[x]`: `[x]`: a number, `*` or a key in quotes stands in brackets",
        ),
        (
            "{file: a.json, at: 'b{*}.c'}",
            "`at: b{*}.c`: nothing can follow `{*}`",
        ),
        (
            "{file: a.json, at: 'b.*'}",
            "`at: b.*`: `*` is no plain key: put it in brackets and quotes, `[\"*\"]`",
        ),
        (
            "{file: ../a.json, at: b}",
            "`file: ../a.json` is not a path inside the build context",
        ),
        (
            "{first: []}",
            "`first:` is empty: list at least one path or glob",
        ),
        ("{first: ['[']}", "`[`: syntax error in pattern"),
        (
            "{file: a, regex: b, format: json}",
            "`format:` is for `at:` only",
        ),
    ];
    for (yaml, message) in cases {
        let spec: FactSpec = serde_yaml::from_str(yaml).unwrap();
        assert_eq!(spec.validate().unwrap_err().to_string(), message, "{yaml}");
    }
    let spec: FactSpec = serde_yaml::from_str("{file: a, regex: '('}").unwrap();
    assert!(
        spec.validate_regex()
            .unwrap_err()
            .to_string()
            .contains("unclosed group")
    );
    assert!(serde_yaml::from_str::<FactSpec>("{file: a, regexp: b}").is_err());
}

#[test]
fn malformed_json_has_a_position() {
    let cases = [
        ("", "1:1: the file ends where a value is expected"),
        (
            "{\"a\": }",
            "1:7: expected a value: a string in double quotes, a number, true, false, null, `{` or `[`",
        ),
        (
            "{\n\"a\": \"b\n\"}",
            "2:6: the string is not closed on its line",
        ),
        ("{} x", "1:4: something stands after the end of the value"),
        (
            "[1,,2]",
            "1:4: expected a value: a string in double quotes, a number, true, false, null, `{` or `[`",
        ),
        ("/* x", "1:1: the comment is not closed"),
        ("{a: 1}", "1:2: expected a key in double quotes or `}`"),
    ];
    for (json, message) in cases {
        assert_eq!(
            parse(json, Format::Json).unwrap_err().to_string(),
            message,
            "{json}"
        );
    }
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    // As small as a worker thread's.
    let small = std::thread::Builder::new().stack_size(2 << 20);
    let run = || {
        for deep in ["[", "{\"a\":", "- ", "{a: ", "<a>", "a = [", "a = {b = "]
            .map(|part| part.repeat(100_000))
        {
            for format in [Format::Json, Format::Yaml, Format::Toml, Format::Xml] {
                let parsed = parse(&deep, format);
                // To YAML this is a plain scalar.
                assert!(
                    parsed.is_err() || (format == Format::Yaml && deep.starts_with(['<', 'a']))
                );
            }
        }
        let block: String = (0..3_000)
            .map(|depth| format!("{}a:\n", " ".repeat(depth)))
            .collect();
        assert!(parse(&block, Format::Yaml).is_err());
        let dotted = format!("{}a = 1", "a.".repeat(50_000));
        assert!(parse(&dotted, Format::Toml).is_err());
        let closed = format!("{}{}", "<a>".repeat(50_000), "</a>".repeat(50_000));
        assert!(parse(&closed, Format::Xml).is_err());
    };
    small.spawn(run).unwrap().join().unwrap();
}

#[test]
fn json_escapes_are_read_as_javascript_does() {
    let tree = parse(r#"["\u00e9\n\/", "\ud83d\ude00", "\ud83dx"]"#, Format::Json).unwrap();
    assert_eq!(tree.text().unwrap(), "[\"é\\n/\",\"😀\",\"\u{fffd}x\"]");
}
