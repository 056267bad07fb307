//! Arguments of what works on somebody's own machine: programs with secrets, files from templates, the shell's completions.

use std::{ffi::OsString, path::PathBuf};

use clap::Args as ClapArgs;

use super::reference::Reference;

#[derive(ClapArgs)]
#[command(
    after_help = "A reference is cs://NAME/FIELD, where FIELD is password, username, token, site or notes. NAME is a \
    credential's name, with / written %2F and % written %25, or its id.\n\
    Variables that hold a reference already, such as DB_PASSWORD=cs://Database/password, are replaced too.\n\
    The exit code is the command's; 127 when there is no such command, 126 when it cannot be run."
)]
pub(crate) struct ExecArgs {
    /// Credentials, by name or id. What they have and you may take is in variables that begin with the name, such as
    /// SHOP_USERNAME, SHOP_PASSWORD, SHOP_TOKEN and SHOP_SITE for Shop.
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Set a variable to what is referred to; can be repeated.
    #[arg(long, value_name = "VAR=cs://NAME/FIELD", value_parser = variable)]
    pub(crate) env: Vec<(String, Reference)>,
    /// Give what is referred to in a descriptor, from which it is read once; 0 is standard input. Can be repeated.
    #[arg(long, value_name = "N=cs://NAME/FIELD", value_parser = descriptor)]
    pub(crate) fd: Vec<(i32, Reference)>,
    /// Leave COUNTERSIGN_TOKEN in the command's environment. It is taken out otherwise.
    #[arg(long)]
    pub(crate) keep_token: bool,
    /// The command and its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

#[derive(ClapArgs)]
#[command(
    after_help = "A place in the template is {{ cs://NAME/FIELD }}, where FIELD is password, username, token, site or \
    notes. NAME is a credential's name, with / written %2F and % written %25, or its id. Other text in double braces stays."
)]
pub(crate) struct InjectArgs {
    /// The template; `-` reads standard input.
    pub(crate) file: PathBuf,
    /// Write into this file, for its owner alone, in place of what it held; to standard output when omitted.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(ClapArgs)]
pub(crate) struct ManArgs {
    /// The folder, which is made where there is none.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

fn variable(text: &str) -> Result<(String, Reference), String> {
    let (name, reference) = text.split_once('=').ok_or("write VAR=cs://NAME/FIELD")?;
    if name.is_empty() || name.contains('\0') {
        return Err("the variable has no name: write VAR=cs://NAME/FIELD".to_owned());
    }
    Ok((name.to_owned(), reference.parse()?))
}

fn descriptor(text: &str) -> Result<(i32, Reference), String> {
    let (number, reference) = text.split_once('=').ok_or("write N=cs://NAME/FIELD")?;
    match number.parse::<i32>() {
        Ok(number) if number == 0 || (3..=1023).contains(&number) => Ok((number, reference.parse()?)),
        _ => Err("the descriptor is 0 or a number from 3 to 1023: 1 and 2 are what the command writes to".to_owned()),
    }
}
