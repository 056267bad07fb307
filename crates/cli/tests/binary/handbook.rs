//! The handbook, done as it says: every command of every chapter, by whom it says, with what it prints. Each chapter has a server of
//! its own, and its commands are run in their order.
//!
//! A block of ` ```console ` holds commands, each behind `$ `, and below each what it prints; `…` stands for anything. A comment that
//! begins with `<!-- before` holds commands for what has to be there and no reader needs to see. `cat FILE` writes the file, and
//! `systemctl stop countersign` and `start` do it with this server. What prints a line that begins as one of [`REFUSALS`] has to
//! fail; all else has to go well. A block that cannot be run says why, by one of [`NOT_RUN`]: ` ```console,norun=needs-site `.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    access::Scene,
    house::{Done, Place, SEED, Server, run},
};

/// Why a block is not run, what stands in it where that is so, and how many such blocks there are.
const NOT_RUN: [(&str, &[&str], usize); 5] = [
    ("goes-on", &["make demo", "countersign serve"], 3),
    ("needs-postgresql", &["postgres://"], 4),
    ("needs-provider", &["countersign provider test"], 1),
    // It is run by `archive.rs`.
    ("needs-repository", &["tools/read-archive "], 1),
    ("needs-site", &["countersign change ", "countersign session start "], 2),
];

/// How a line begins that is printed by what fails.
const REFUSALS: [&str; 3] = ["error: ", "hint: ", "refused "];

/// Some commands, as a chapter has them together.
#[derive(Debug)]
struct Block {
    /// Of the chapter, from 1.
    line: usize,
    /// Why it is not run, where it is not.
    not_run: Option<String>,
    lines: Vec<String>,
}

/// A command as a chapter has it, and what it prints.
#[derive(Debug)]
struct Step {
    /// None where it is the administrator.
    person: Option<String>,
    command: String,
    prints: Vec<String>,
}

/// The chapters that the table of contents names, by their files' names.
fn chapters() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/handbook/src");
    let contents = fs::read_to_string(folder.join("SUMMARY.md")).unwrap();
    let mut chapters = Vec::new();
    for file in fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") && name != "SUMMARY.md" {
            assert!(contents.contains(&format!("({name})")), "SUMMARY.md does not name {name}");
            let text = fs::read_to_string(folder.join(&name)).unwrap();
            chapters.push((name, text));
        }
    }
    chapters.sort();
    chapters
}

/// The blocks of commands in a chapter.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    // The line that ends what is open, and the block, where that is one of commands.
    let mut open: Option<(&str, Option<Block>)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        if let Some((end, block)) = &mut open {
            if line == *end {
                blocks.extend(block.take());
                open = None;
            } else if let Some(block) = block {
                block.lines.push(line.to_owned());
            }
        } else if line == "<!-- before" {
            open = Some(("-->", block("console", number)));
        } else if let Some(info) = line.strip_prefix("```") {
            open = Some(("```", block(info, number)));
        }
    }
    assert!(open.is_none(), "a block has no end: {open:?}");
    blocks
}

/// A block by what stands behind its fence, where it is one of commands.
fn block(info: &str, line: usize) -> Option<Block> {
    let (language, mark) = info.split_once(',').map_or((info, None), |(language, mark)| (language, Some(mark)));
    let other = ["", "bash", "sh", "shell"].contains(&language);
    assert!(!other, "line {line}: a block of {language:?} is not run; commands stand in a block of console");
    let not_run = mark.map(|mark| match mark.split_once('=') {
        Some(("norun", why)) => why.to_owned(),
        _ => panic!("line {line}: {mark:?} is not understood, only norun=REASON is"),
    });
    (language == "console").then(|| Block { line, not_run, lines: Vec::new() })
}

/// The commands of a block. One whose line ends with a stroke goes on in the next.
fn steps(block: &Block) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut goes_on = false;
    for line in &block.lines {
        let begun = line.split_once("$ ").filter(|(person, _)| person.chars().all(char::is_alphabetic));
        let of_command = goes_on || begun.is_some();
        if let (false, Some((person, command))) = (goes_on, begun) {
            let person = (!person.is_empty()).then(|| person.to_owned());
            steps.push(Step { person, command: command.to_owned(), prints: Vec::new() });
        } else {
            let step = steps.last_mut().unwrap_or_else(|| panic!("line {}: no command stands first", block.line));
            if goes_on {
                step.command.push('\n');
                step.command.push_str(line);
            } else {
                step.prints.push(line.clone());
            }
        }
        goes_on = of_command && line.ends_with('\\');
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

/// The first id in a text.
fn id_in(text: &str) -> Option<&str> {
    text.split(|letter: char| !letter.is_ascii_hexdigit() && letter != '-')
        .find(|word| word.len() == 36 && word.matches('-').count() == 4)
}

/// The secrets and their beginnings in a text, such as `cc_Mb6KWg`, with the letters that say what each is.
fn secrets_in(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_').filter_map(|word| {
        let (kind, rest) = word.split_once('_')?;
        (kind.len() == 2 && kind.starts_with('c') && rest.len() >= 6).then_some((kind, word))
    })
}

fn serve(place: &Place) -> Server {
    place.serve_with(&["--data", "data"], &[("COUNTERSIGN_AUDIT_FOLDER", "audit")])
}

/// Somebody who does what a chapter says.
struct Reader<'a> {
    chapter: &'a str,
    scene: Scene,
    /// The API tokens of the people who were added.
    people: BTreeMap<String, String>,
    /// The id that was printed last: an id in a command stands for it.
    id: String,
    /// The secret of each kind that was printed last: `cc_…` in a command stands for it.
    secrets: BTreeMap<String, String>,
}

impl<'a> Reader<'a> {
    fn new(chapter: &'a str) -> Self {
        let place = Place::new();
        let token = place.init();
        fs::create_dir(place.path("audit")).unwrap();
        let server = serve(&place);
        let scene = Scene { place, server, token };
        Self { chapter, scene, people: BTreeMap::new(), id: String::new(), secrets: BTreeMap::new() }
    }

    async fn follow(&mut self, step: &Step) {
        match step.command.as_str() {
            "systemctl stop countersign" => assert!(self.scene.server.stop().success(), "{}", self.chapter),
            "systemctl start countersign" => self.scene.server = serve(&self.scene.place),
            command => match command.strip_prefix("cat ") {
                Some(file) => {
                    let text = self.as_typed(&step.prints.join("\n"));
                    self.scene.place.write(file, text + "\n");
                }
                None => self.type_in(step).await,
            },
        }
    }

    /// Folder, address, id and secrets are this server's in place of the handbook's.
    fn as_typed(&self, text: &str) -> String {
        let url = &self.scene.server.url;
        let text = text.replace("/srv/vault", "data").replace("https://vault.example.com", url);
        let text = id_in(&text).map_or_else(|| text.clone(), |written| text.replace(written, &self.id));
        let with = |text: String, (kind, secret): (&String, &String)| text.replace(&format!("{kind}_…"), secret);
        self.secrets.iter().fold(text, with)
    }

    async fn type_in(&mut self, step: &Step) {
        let command = self.as_typed(&step.command);
        let done = self.shell(step.person.as_deref(), &command);
        let said = format!("{}{}", done.out, done.err);
        let fails = step.prints.iter().any(|line| REFUSALS.iter().any(|refusal| line.starts_with(refusal)));
        assert_eq!(done.code != Some(0), fails, "{}: {command}\n{:?}\n{said}", self.chapter, done.code);
        self.as_written(step, &done);
        let name = command.strip_prefix("countersign user add ").and_then(|rest| rest.split(' ').next());
        let link = done.out.trim().split_once("/welcome/").map(|(_, link)| link);
        if let (Some(name), Some(link)) = (name, link) {
            let token = self.scene.set_up(name, link).await;
            self.people.insert(name.to_owned(), token);
        }
        if let Some(id) = id_in(&done.out).or_else(|| id_in(&done.err)) {
            id.clone_into(&mut self.id);
        }
        for (kind, secret) in secrets_in(&said) {
            self.secrets.insert(kind.to_owned(), secret.to_owned());
        }
    }

    /// Runs it as a shell does, with what it asks for on standard input.
    fn shell(&self, person: Option<&str>, command: &str) -> Done {
        let scene = &self.scene;
        let token = person.map_or(&scene.token, |person| &self.people[person]);
        let plain = scene.server.client(&scene.place, token, &[]);
        let mut shell = Command::new("sh");
        // The folder of the binary under test comes first, so that it is what `countersign` means.
        let folder = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().unwrap().display().to_string();
        shell.arg("-c").arg(format!("PATH={folder}:$PATH; {command}")).env_clear();
        shell.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.current_dir(scene.place.path("")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let input = if command.contains("--totp-stdin") { SEED } else { "velvet-9-anchor" };
        run(shell, format!("{input}\n").as_bytes())
    }

    /// It printed what the chapter says that it prints, where the chapter says something.
    fn as_written(&self, step: &Step, done: &Done) {
        let said = format!("{}{}", done.out, done.err);
        let (chapter, command) = (self.chapter, &step.command);
        for written in step.prints.iter().filter(|line| *line != "…") {
            let printed = said.lines().any(|line| matches(line.trim_end(), written));
            assert!(printed, "{chapter}: {command}\nprints no {written:?} but\n{said}");
        }
        let any = step.prints.is_empty() || step.prints.iter().any(|line| line == "…");
        let printed = done.out.lines().count();
        assert!(any || printed <= step.prints.len(), "{chapter}: {command}\nprints more than is written:\n{said}");
    }
}

#[tokio::test]
async fn every_chapter_can_be_followed() {
    let mut followed = 0;
    for (name, text) in chapters() {
        let blocks: Vec<Block> = blocks(&text).into_iter().filter(|block| block.not_run.is_none()).collect();
        if blocks.is_empty() {
            continue;
        }
        let mut reader = Reader::new(&name);
        for step in blocks.iter().flat_map(steps) {
            reader.follow(&step).await;
            followed += 1;
        }
    }
    assert!(followed > 120, "only {followed} commands were found");
}

#[test]
fn what_is_not_run_says_why_and_is_understood() {
    let place = Place::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (name, text) in chapters() {
        for block in blocks(&text) {
            let Some(why) = &block.not_run else { continue };
            let reason = NOT_RUN.iter().find(|(known, ..)| known == why);
            let Some((_, words, _)) = reason else { panic!("{name}, line {}: {why} is no reason", block.line) };
            let steps = steps(&block);
            let holds = words.iter().any(|word| steps.iter().any(|step| step.command.contains(word)));
            assert!(holds, "{name}, line {}: none of {words:?} is in it, so it can be run", block.line);
            for step in &steps {
                has_its_flags(&place, &step.command);
            }
            *counts.entry(why.clone()).or_default() += 1;
        }
    }
    let wanted: BTreeMap<String, usize> = NOT_RUN.iter().map(|(why, _, count)| ((*why).to_owned(), *count)).collect();
    assert_eq!(counts, wanted, "how many blocks are not run, by their reasons");
}

/// What cannot be run is at least there, with each flag that it is given.
fn has_its_flags(place: &Place, command: &str) {
    let Some(words) = command.strip_prefix("countersign ") else { return };
    let plain = |word: &&str| word.starts_with(char::is_alphabetic) && !word.contains(['"', ':', '.']);
    let mut args: Vec<&str> = words.split_whitespace().take_while(plain).collect();
    args.push("--help");
    let help = place.run(&args).ok().out;
    for flag in words.split_whitespace().filter(|word| word.starts_with("--")) {
        assert!(help.contains(flag), "{command}\nhas no {flag}:\n{help}");
    }
}

#[test]
fn blocks_and_steps_are_told_from_what_stands_around_them() {
    let text = "# A\n\n<!-- before\n$ a\n-->\n\n```toml\n$ b\n```\n\n```console\nana$ c \\\n  d$ e\n…\nf\n$ g\n```\n\n\
                ```console,norun=needs-site\n$ h\n```\n";
    let found = blocks(text);
    let lines: Vec<usize> = found.iter().map(|block| block.line).collect();
    assert_eq!(lines, [3, 11, 19]);
    assert_eq!(found[2].not_run.as_deref(), Some("needs-site"));
    let steps: Vec<_> = found.iter().flat_map(steps).map(|step| (step.person, step.command, step.prints)).collect();
    let step = |person: Option<&str>, command: &str, prints: &[&str]| {
        let prints: Vec<String> = prints.iter().map(|&line| line.to_owned()).collect();
        (person.map(str::to_owned), command.to_owned(), prints)
    };
    let wanted = [
        step(None, "a", &[]),
        step(Some("ana"), "c \\\n  d$ e", &["…", "f"]),
        step(None, "g", &[]),
        step(None, "h", &[]),
    ];
    assert_eq!(steps, wanted);
}

#[test]
fn secrets_are_told_from_other_words() {
    let text = "cc_Mb6KWgbC0RB6EBAs-93\nadded x_y; {\"access_token\":\"ca_PfSffNz_FIv\"} cx_short";
    let found: Vec<_> = secrets_in(text).collect();
    assert_eq!(found, [("cc", "cc_Mb6KWgbC0RB6EBAs-93"), ("ca", "ca_PfSffNz_FIv")]);
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
