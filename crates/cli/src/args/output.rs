//! How answers are written: `--output`, which every command takes, and `--json`, which is short for `--output json`.

use clap::{
    Arg, ArgMatches, Command, CommandFactory as _, FromArgMatches as _, ValueEnum, builder::EnumValueParser,
    error::ErrorKind,
};

use super::command::Args;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// As the API says it.
    Json,
    /// For spreadsheets; lists only.
    Csv,
}

/// Not `output`, which is what some commands call the file that they write.
const ID: &str = "output_format";

/// The command line as it is taken, completed and described.
pub(crate) fn command() -> Command {
    with_format(Args::command(), &[])
}

/// What was asked for. Ends the process where that cannot be understood.
pub(crate) fn parse() -> (Args, Format) {
    let mut command = command();
    let matches = command.get_matches_mut();
    let mut args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit());
    let (path, chosen) = chosen(&matches);
    let usage = |kind, text: &str| -> Format { command.clone().error(kind, text).exit() };
    let format = match (args.json, chosen) {
        (true, Some(Format::Table | Format::Csv)) => {
            usage(ErrorKind::ArgumentConflict, "--json is short for --output json: give one of both")
        }
        (true, _) => Format::Json,
        (false, Some(Format::Csv)) if !gives_list(&path) => usage(
            ErrorKind::InvalidValue,
            "--output csv is for lists, such as `countersign credential list`: this command gives none, use --output json",
        ),
        (false, chosen) => chosen.unwrap_or(Format::Table),
    };
    args.json = format == Format::Json;
    (args, format)
}

/// Adds the option to a command and all below it, without those that have an option of that name for a file. It stands in
/// the help where it makes the most of a difference: at the top, and at lists.
fn with_format(command: Command, path: &[String]) -> Command {
    let below = |sub: Command| {
        let path = [path, &[sub.get_name().to_owned()]].concat();
        with_format(sub, &path)
    };
    let command = command.mut_subcommands(below);
    if command.get_arguments().any(|arg| arg.get_long() == Some("output")) {
        return command;
    }
    let shown = path.is_empty() || gives_list(path);
    let option = Arg::new(ID)
        .long("output")
        .value_name("FORMAT")
        .value_parser(EnumValueParser::<Format>::new())
        .hide(!shown)
        .hide_possible_values(true)
        .help("Write answers as table, json or csv; csv is for lists [default: table]");
    command.arg(option)
}

/// The command's words, and what was asked for at the last of them that says something.
fn chosen(matches: &ArgMatches) -> (Vec<String>, Option<Format>) {
    let (mut path, mut here, mut found) = (Vec::new(), matches, None);
    loop {
        if let Ok(Some(format)) = here.try_get_one::<Format>(ID) {
            found = Some(*format);
        }
        match here.subcommand() {
            Some((name, below)) => {
                path.push(name.to_owned());
                here = below;
            }
            None => return (path, found),
        }
    }
}

/// Whether a command answers with one list.
fn gives_list<S: AsRef<str>>(path: &[S]) -> bool {
    let words: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
    matches!(
        words.as_slice(),
        [_, "list"] | [_, _, "list"] | ["who"] | ["grant", "reviews"] | ["group", "show"] | ["credential", "bin"]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        command().debug_assert();
    }

    #[test]
    fn the_format_is_said_anywhere_and_files_keep_their_option() {
        for (line, path, expected) in [
            ("countersign credential list", "credential list", None),
            ("countersign --output csv credential list", "credential list", Some(Format::Csv)),
            ("countersign credential --output csv list", "credential list", Some(Format::Csv)),
            ("countersign --output csv credential list --output json", "credential list", Some(Format::Json)),
            ("countersign session recording X --output a.webm", "session recording", None),
            ("countersign --output json session recording X --output a.webm", "session recording", Some(Format::Json)),
        ] {
            let matches = command().try_get_matches_from(line.split(' ')).unwrap();
            let (words, format) = chosen(&matches);
            assert_eq!((words.join(" ").as_str(), format), (path, expected), "{line}");
            Args::from_arg_matches(&matches).unwrap();
        }
    }
}
