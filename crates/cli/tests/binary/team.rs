//! The handbook's chapter on setting up a team, done as it says: every command of it, by whom it says, with what it prints.

use std::{collections::BTreeMap, process::Command};

use crate::{
    access::Scene,
    house::{Done, SEED, run},
};

const HANDBOOK: &str = include_str!("../../../../docs/handbook.md");
const CHAPTER: &str = "## Setting up a team in an hour\n";

/// A command as the chapter has it, and what it prints; `…` stands for anything.
#[derive(Debug)]
struct Step {
    /// None where it is the administrator.
    person: Option<String>,
    command: String,
    prints: Vec<String>,
}

fn steps() -> Vec<Step> {
    let (_, chapter) = HANDBOOK.split_once(CHAPTER).unwrap();
    let (chapter, _) = chapter.split_once("\n## ").unwrap();
    let mut steps: Vec<Step> = Vec::new();
    for block in chapter.split("```console\n").skip(1) {
        for line in block.split_once("```").unwrap().0.lines() {
            match line.split_once("$ ") {
                Some((person, command)) if person.chars().all(char::is_alphabetic) => steps.push(Step {
                    person: (!person.is_empty()).then(|| person.to_owned()),
                    command: command.to_owned(),
                    prints: Vec::new(),
                }),
                _ => steps.last_mut().unwrap().prints.push(line.to_owned()),
            }
        }
    }
    steps
}

/// Whether a line is as it is written, where `…` stands for anything.
fn matches(line: &str, written: &str) -> bool {
    let mut parts = written.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    for part in parts {
        if part.is_empty() {
            continue;
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.is_empty() || written.ends_with('…')
}

/// The first id that a command has printed.
fn id_in(out: &str) -> Option<&str> {
    out.split(|letter: char| !letter.is_ascii_hexdigit() && letter != '-')
        .find(|word| word.len() == 36 && word.matches('-').count() == 4)
}

/// Runs it as a shell does, with what it asks for on standard input.
fn shell(scene: &Scene, token: &str, command: &str) -> Done {
    let plain = scene.server.client(&scene.place, token, &[]);
    let mut shell = Command::new("sh");
    // The folder of the binary under test comes first, so that it is what `countersign` means.
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_countersign")).parent().unwrap().display().to_string();
    shell.arg("-c").arg(format!("PATH={folder}:$PATH; {command}")).env_clear();
    shell.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(scene.place.path("")).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let input = if command.contains("--totp-stdin") { SEED } else { "velvet-9-anchor" };
    run(shell, format!("{input}\n").as_bytes())
}

#[tokio::test]
async fn a_team_is_set_up_as_the_handbook_says() {
    let scene = Scene::new();
    let steps = steps();
    assert!(steps.len() > 25, "the chapter was not read: {steps:#?}");
    let mut people: BTreeMap<String, String> = BTreeMap::new();
    let mut seen_id = String::new();
    for step in steps {
        if let Some(file) = step.command.strip_prefix("cat ") {
            scene.place.write(file, step.prints.join("\n") + "\n");
            continue;
        }
        let token = step.person.as_ref().map_or(&scene.token, |person| &people[person]);
        let command = step.command.replace("/srv/vault", "data");
        // An id in the chapter is the one that was printed last.
        let command = id_in(&step.command).map_or(command.clone(), |written| command.replace(written, &seen_id));
        let done = shell(&scene, token, &command).ok();
        if let Some(name) = command.strip_prefix("countersign user add ") {
            let name = name.split(' ').next().unwrap();
            let link = done.out.trim().rsplit('/').next().unwrap();
            people.insert(name.to_owned(), scene.set_up(name, link).await);
        }
        if let Some(id) = id_in(&done.out) {
            id.clone_into(&mut seen_id);
        }
        as_written(&step, &done);
    }
    assert_eq!(people.keys().map(String::as_str).collect::<Vec<_>>(), ["ana", "ben", "lea"]);
}

/// It printed what the chapter says that it prints.
fn as_written(step: &Step, done: &Done) {
    let said = format!("{}{}", done.out, done.err);
    let any = step.prints.iter().any(|line| line == "…");
    for written in step.prints.iter().filter(|line| *line != "…") {
        assert!(said.lines().any(|line| matches(line, written)), "{}\nprints no {written:?} but\n{said}", step.command);
    }
    let printed = done.out.lines().count();
    assert!(any || printed <= step.prints.len(), "{}\nprints more than the chapter says:\n{said}", step.command);
}

#[test]
fn what_is_written_with_gaps_matches_what_fits_it_alone() {
    for (line, written, fits) in [
        ("added Leads", "added Leads", true),
        ("added Leads now", "added Leads", false),
        ("request 7 of ben: approved until 9", "request …: approved until …", true),
        ("request 7 of ben: rejected", "request …: approved until …", false),
        ("sound: 12", "sound: …", true),
        ("not sound: 12", "sound: …", false),
        ("a b c", "a … c", true),
    ] {
        assert_eq!(matches(line, written), fits, "{line:?} as {written:?}");
    }
}
