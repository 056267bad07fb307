//! The help is the manual: all of it is one snapshot.

use crate::house::Place;

#[test]
fn the_help_of_every_command() {
    let place = Place::new();
    let mut manual = String::new();
    describe(&place, &mut Vec::new(), &mut manual);
    insta::assert_snapshot!("help", manual);
}

fn describe(place: &Place, command: &mut Vec<String>, manual: &mut String) {
    let mut args: Vec<&str> = command.iter().map(String::as_str).collect();
    args.push("--help");
    let text = place.run(&args).ok().out;
    manual.push_str(&format!("$ countersign {}\n{text}\n", args.join(" ")));
    let below = text.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = below.filter(|line| line.starts_with("  ") && !line.starts_with("    "));
    for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        command.push(name.to_owned());
        describe(place, command, manual);
        command.pop();
    }
}

#[test]
fn the_version_is_the_packages() {
    let place = Place::new();
    assert_eq!(place.run(&["--version"]).ok().out, format!("countersign {}\n", env!("CARGO_PKG_VERSION")));
    let usage = place.run(&[]).exit(2);
    assert!(usage.err.contains("Usage: countersign"), "{}", usage.err);
}
