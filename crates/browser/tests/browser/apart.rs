//! Who Chromium is, and what that lets it do.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use countersign_browser::{Error, RunAs, Sandbox};

use super::*;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The numbers in a line of `/proc/PID/status` (proc(5)).
fn status(id: u32, name: &str) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.split_whitespace().map(|number| number.parse().unwrap()).collect()
}

/// A process and all that it has started.
fn family(first: u32) -> Vec<u32> {
    let mut found = vec![first];
    let mut next = 0;
    while let Some(id) = found.get(next).copied() {
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        found.extend(children.split_whitespace().map(|id| id.parse::<u32>().unwrap()));
        next += 1;
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn promise_7_chromium_started_by_root_is_somebody_else_who_reads_nothing_of_ours() {
    if !is_root() {
        let browser = browser().await;
        assert_eq!((browser.isolation().user, browser.isolation().sandbox), (None, Sandbox::On));
        return;
    }
    let site = Site::open().await;
    site.page("/", "<p>here");
    let browser = browser().await;
    let user = browser.isolation().user.unwrap();
    assert_ne!(user, 0);
    let id = browser.process_id().unwrap();
    let context = context(&browser).await;
    let page = opened(&context, &site.here()).await;
    assert_eq!(texts(&seen(&page).await), ["here"], "it works as that user");
    let family = family(id);
    assert!(family.len() > 2, "renderers and their helpers: {family:?}");
    for id in family {
        // One may have ended meanwhile.
        if Path::new(&format!("/proc/{id}/status")).exists() {
            assert_eq!(status(id, "Uid"), [user; 4]);
            assert_eq!(status(id, "Gid"), [user; 4]);
            assert!(status(id, "Groups").is_empty(), "of root's groups none is left");
        }
    }
    // Chromium has its profile, and not the folder around it, by which the next start goes.
    let arguments = fs::read(format!("/proc/{id}/cmdline")).unwrap();
    let profile = String::from_utf8_lossy(&arguments)
        .split('\0')
        .find_map(|argument| argument.strip_prefix("--user-data-dir=").map(str::to_owned))
        .unwrap();
    let mode = |path: &Path| (fs::metadata(path).unwrap().permissions().mode() & 0o777, owner(path));
    let profile = Path::new(&profile);
    assert_eq!(mode(profile), (0o700, user));
    assert_eq!(mode(profile.parent().unwrap()), (0o711, 0));
    assert_eq!(mode(&profile.with_file_name("in-use")), (0o600, 0));

    let second = self::browser().await;
    assert_ne!(second.isolation().user, Some(user), "another one for each");
    browser.close().await;
    assert!(!profile.parent().unwrap().exists());
}

fn owner(path: &Path) -> u32 {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata(path).unwrap())
}

/// A program in Chromium's place that everybody may run; what it writes of itself comes back.
async fn in_its_place(script: &str, run_as: RunAs) -> (Error, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let (program, told) = (folder.path().join("chromium"), folder.path().join("told"));
    let secret = folder.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let script = script.replace("SECRET", &secret.display().to_string());
    fs::write(&program, format!("#!/bin/sh\nexec 5>&2\n{{ {script}; }} >> {} 2>&1\n", told.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let options = LaunchOptions { program: Some(program), run_as, ..LaunchOptions::default() };
    let error = Browser::launch(&options).await.map(|_| ()).unwrap_err();
    (error, fs::read_to_string(told).unwrap_or_default())
}

#[tokio::test]
async fn promise_7_what_runs_in_chromiums_place_cannot_read_the_files_of_root() {
    if !is_root() {
        assert!(matches!(RunAs::named("nobody"), Err(countersign_browser::UserError::NotRoot(_))));
        return;
    }
    let nobody = RunAs::named("nobody").unwrap();
    let (error, told) = in_its_place("id -u; cat SECRET", nobody).await;
    assert!(matches!(error, Error::NotStarted { .. }));
    assert!(told.starts_with("65534\n") && told.contains("Permission denied"), "{told}");
    assert_eq!(told.matches("65534").count(), 1, "who was named and nobody else: {told}");
}

#[tokio::test]
async fn what_the_system_does_not_allow_is_given_up_in_turn_and_said() {
    if !is_root() {
        return;
    }
    let script = "id -u; echo \"$@\" | grep -o -- --no-sandbox; echo 'FATAL: No usable sandbox!' >&5";
    let (error, told) = in_its_place(script, RunAs::Automatic).await;
    let lines: Vec<_> = told.lines().collect();
    let user = lines[0];
    assert_ne!(user, "0");
    assert_eq!(lines, [user, user, "--no-sandbox", "0", "--no-sandbox"], "{error}");
    let (error, told) = in_its_place("id -u", RunAs::Automatic).await;
    assert_eq!(told.lines().last(), Some("0"), "{error}");
    let (_, told) = in_its_place("id -u; echo 'FATAL: No usable sandbox!' >&5", RunAs::named("nobody").unwrap()).await;
    assert_eq!(told, "65534\n65534\n", "never root where somebody was named");

    // A folder that only root may enter.
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let options = LaunchOptions { folder: Some(folder.path().to_owned()), ..LaunchOptions::default() };
    let browser = Browser::launch(&options).await.unwrap();
    assert_eq!((browser.isolation().user, browser.isolation().sandbox), (None, Sandbox::OffBecauseRoot));
}
