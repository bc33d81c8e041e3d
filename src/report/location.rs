//! How a file is named: to a person, in a patch, in a URI.

use std::path::{Component, Path, PathBuf};

/// Where a Dockerfile comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// Standard input.
    Stdin,
    /// A file, by the path to show: relative to the current folder where it lies inside it.
    File(PathBuf),
}

impl Location {
    /// The name for a person, with `/` on every platform.
    pub fn shown(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File(path) => slashed(path),
        }
    }

    /// The path that a report for machines names; standard input goes by `Dockerfile`.
    pub fn path(&self) -> &Path {
        match self {
            Self::Stdin => Path::new("Dockerfile"),
            Self::File(path) => path,
        }
    }
}

/// A path as text with `/`, without `.` components.
pub fn slashed(path: &Path) -> String {
    let mut text = String::new();
    for component in path.components() {
        match component {
            Component::CurDir => continue,
            Component::RootDir => {
                text.push('/');
                continue;
            }
            other => {
                if !text.is_empty() && !text.ends_with('/') {
                    text.push('/');
                }
                text.push_str(&other.as_os_str().to_string_lossy());
            }
        }
    }
    if text.is_empty() {
        ".".to_owned()
    } else {
        text
    }
}

/// The name of a path in a patch: `a/Dockerfile`. `git apply` and `patch -p1` strip the first component, so
/// an absolute path loses its leading `/`. Names with quotes, backslashes, control bytes or bytes that are not
/// UTF-8 are quoted as git quotes them; a name with a space ends with a tab, as git writes it, so that the
/// space is not taken for the start of a time stamp.
pub fn patch_name(prefix: &str, path: &Path) -> String {
    let mut bytes = prefix.as_bytes().to_vec();
    for component in path.components() {
        match component {
            Component::CurDir | Component::RootDir => {}
            other => {
                bytes.push(b'/');
                bytes.extend_from_slice(other.as_os_str().as_encoded_bytes());
            }
        }
    }
    quoted(&bytes)
}

fn quoted(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text
            .bytes()
            .any(|byte| byte < 0x20 || byte == 0x7f || byte == b'"' || byte == b'\\')
    {
        return if text.contains(' ') {
            format!("{text}\t")
        } else {
            text.to_owned()
        };
    }
    let mut text = String::from("\"");
    for &byte in bytes {
        match byte {
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            b'\n' => text.push_str("\\n"),
            b'\t' => text.push_str("\\t"),
            b'\r' => text.push_str("\\r"),
            0x20..0x7f => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text.push('"');
    text
}

/// The path as a relative or `file:` URI reference, percent-encoded (RFC 3986).
pub fn uri(path: &Path) -> String {
    let text = slashed(path);
    let mut uri = String::new();
    if text.starts_with('/') {
        uri.push_str("file://");
    } else if text
        .split('/')
        .next()
        .is_some_and(|first| first.contains(':'))
    {
        // A colon in the first segment would read as a scheme; a Windows drive is an absolute path.
        uri.push_str(if path.is_absolute() { "file:///" } else { "./" });
    }
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'/'
            | b':'
            | b'@'
            | b'+'
            | b',' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// `path` with `.` and `..` resolved by name, relative to `folder` where it lies inside it.
pub fn relative_to(folder: &Path, path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in folder.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    match plain.strip_prefix(folder) {
        Ok(inside) if inside.as_os_str().is_empty() => PathBuf::from("."),
        Ok(inside) => inside.to_path_buf(),
        Err(_) => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_without_dots() {
        assert_eq!(slashed(Path::new("./a/./b")), "a/b");
        assert_eq!(slashed(Path::new("/a/b")), "/a/b");
        assert_eq!(slashed(Path::new("../b")), "../b");
        assert_eq!(slashed(Path::new(".")), ".");
    }

    #[test]
    fn a_patch_names_paths_as_git_does() {
        assert_eq!(
            patch_name("a", Path::new("./x/Dockerfile")),
            "a/x/Dockerfile"
        );
        assert_eq!(
            patch_name("b", Path::new("/srv/Dockerfile")),
            "b/srv/Dockerfile"
        );
        assert_eq!(
            patch_name("a", Path::new("my app/Dockerfile")),
            "a/my app/Dockerfile\t"
        );
        assert_eq!(
            patch_name("a", Path::new("q\"\n/Dockerfile")),
            r#""a/q\"\n/Dockerfile""#
        );
        assert_eq!(
            patch_name("a", Path::new("größe/Dockerfile")),
            "a/größe/Dockerfile"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_patch_keeps_bytes_that_are_not_utf8() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"caf\xe9/Dockerfile"));
        assert_eq!(patch_name("a", path), r#""a/caf\351/Dockerfile""#);
    }

    #[test]
    fn a_uri_is_percent_encoded() {
        assert_eq!(uri(Path::new("my app/Dockerfile")), "my%20app/Dockerfile");
        assert_eq!(uri(Path::new("a:b/Dockerfile")), "./a:b/Dockerfile");
        assert_eq!(uri(Path::new("x#y%")), "x%23y%25");
    }

    #[cfg(unix)]
    #[test]
    fn paths_are_relative_inside_the_folder_only() {
        let folder = Path::new("/srv/app");
        assert_eq!(
            relative_to(folder, Path::new("/srv/app/x/../Dockerfile")),
            Path::new("Dockerfile")
        );
        assert_eq!(
            relative_to(folder, Path::new("../Dockerfile")),
            Path::new("/srv/Dockerfile")
        );
        assert_eq!(relative_to(folder, Path::new(".")), Path::new("."));
    }
}
