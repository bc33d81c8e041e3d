//! Directories that hold files of many packages.

/// Directories that hold the system's own files.
pub const SHARED: [&str; 18] = [
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/usr/bin",
    "/usr/include",
    "/usr/lib",
    "/usr/sbin",
    "/usr/share",
    "/var",
];

/// Whether a directory holds files of many packages.
pub fn is_shared(directory: &str) -> bool {
    const PARTS: [&str; 8] = [
        "bin", "etc", "games", "include", "lib", "sbin", "share", "src",
    ];
    const OTHERS: [&str; 7] = [
        "/usr/local",
        "/opt",
        "/srv",
        "/home",
        "/root",
        "/tmp",
        "/mnt",
    ];
    let local = directory.strip_prefix("/usr/local/");
    SHARED.contains(&directory)
        || OTHERS.contains(&directory)
        || local.is_some_and(|part| PARTS.contains(&part))
}
