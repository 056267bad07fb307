//! A disk that is full in earnest: a small file system of the test's own, which only root can mount.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{Place, SEED};

/// A small file system in memory; it goes away with this.
pub(crate) struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// Of a size such as `2m`; `None` for who may not mount.
    pub(crate) fn mount(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir(at).unwrap();
        let options = format!("size={size},mode=0700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self { at: at.to_owned() })
    }

    /// Fills it to the last byte; gives the file that does.
    pub(crate) fn fill(&self) -> PathBuf {
        let path = self.at.join("ballast");
        let mut file = File::options().create(true).append(true).open(&path).unwrap();
        for size in [4096, 1] {
            let full = loop {
                match file.write_all(&[0_u8; 4096][..size]) {
                    Ok(()) => {}
                    Err(error) => break error,
                }
            };
            assert_eq!(full.kind(), io::ErrorKind::StorageFull, "{full}");
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.at).status();
    }
}

#[tokio::test]
async fn promise_1_a_full_disk_gives_no_secret_and_loses_nothing() {
    let place = Place::new();
    let Some(disk) = SmallDisk::mount(&place.path("data"), "2m") else {
        // Past the harness, which would keep it to itself. The vault's own test fills a database by its page limit.
        let _ =
            writeln!(io::stderr(), "NOT RUN: this test mounts a file system of its own and needs to be root for that");
        return;
    };
    let token = place.init();
    let mut server = place.serve();
    let body = json!({"name": "Instagram", "password": "its password", "totp": {"secret": SEED, "digits": 8}});
    server.ask(Method::POST, "/api/v1/credentials", &token, &body).await.ok();
    let path = "/api/v1/credentials/name:Instagram";
    let read = async || server.get(&format!("{path}/token?reason=read"), &token).await;
    let mut handed_out = 0;
    for _ in 0..5 {
        read().await.ok();
        handed_out += 1;
    }

    let ballast = disk.fill();
    // What SQLite had set aside in its files may still take some records.
    let refused = loop {
        let answer = read().await;
        if answer.status != 200 {
            break answer;
        }
        handed_out += 1;
        assert!(handed_out < 20_000, "this disk never fills up");
        disk.fill();
    };
    let problem: Value = serde_json::from_str(&refused.text).unwrap();
    assert_eq!(refused.problem(), (503, "audit-unavailable".to_owned()), "{}", refused.text);
    assert!(problem["detail"].as_str().unwrap().contains("no secret leaves"), "{problem}");
    assert!(problem["hint"].as_str().unwrap().contains("free space"), "{problem}");
    assert!(problem.get("token").is_none());
    let reveal = server.ask(Method::POST, &format!("{path}/reveal"), &token, &json!({})).await;
    assert_eq!(reveal.problem(), (503, "audit-unavailable".to_owned()), "{}", reveal.text);
    assert!(!reveal.text.contains("its password"), "{}", reveal.text);
    let edit = server.ask(Method::PATCH, path, &token, &json!({"notes": "half"})).await;
    assert_eq!(edit.status, 503, "{}", edit.text);
    for _ in 0..3 {
        assert_eq!(read().await.status, 503);
    }
    let by_command = server.run(&place, &token, &["token", "Instagram"]).exit(1);
    assert!(
        by_command.err.contains("no secret leaves") && by_command.err.contains("hint: free space"),
        "{}",
        by_command.err
    );
    // Looking is still possible.
    assert_eq!(server.get("/healthz", &token).await.status, 200);
    assert_eq!(server.get(path, &token).await.ok()["notes"], "");

    fs::remove_file(ballast).unwrap();
    read().await.ok();
    handed_out += 1;
    assert_eq!(server.get("/readyz", &token).await.status, 200);
    server.ask(Method::PATCH, path, &token, &json!({"notes": "whole"})).await.ok();
    let export = server.run(&place, &token, &["audit", "export"]).ok().out;
    assert_eq!(export.matches("\"token.read\"").count(), handed_out, "a record for each token, and none beside");
    assert_eq!(export.matches("\"password.revealed\"").count(), 0);
    place.write("export.jsonl", export);
    place.run(&["audit", "verify", "export.jsonl"]).ok();
    assert!(server.stop().success());
}
