//! `countersign-practice`: the practice site by itself.

use anyhow::{Context, bail};
use clap::Parser;
use countersign_practice::{Config, Hurdles, NewUser, start};
use std::io::Write;
use std::net::SocketAddr;

/// A small social network to practise sign-in and password change on.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where the site listens: an address of this machine
    #[arg(long, default_value = "127.0.0.1:7118")]
    listen: SocketAddr,
    /// Where the control API listens; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    control: SocketAddr,
    /// Hurdles as JSON, or the path of a JSON file
    #[arg(long, value_name = "FILE|JSON")]
    hurdles: Option<String>,
    /// An account, NAME:PASSWORD:SEED with the seed in base32; an empty seed asks for no token
    #[arg(long = "user", value_name = "NAME:PASSWORD:SEED")]
    users: Vec<String>,
    /// What cookies, codes and sums follow from
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let config = Config {
        listen: arguments.listen,
        control: arguments.control,
        hurdles: arguments.hurdles.as_deref().map(hurdles).transpose()?.unwrap_or_default(),
        users: arguments.users.iter().map(|user| new_user(user)).collect::<Result<_, _>>()?,
        seed: arguments.seed,
        ..Config::default()
    };
    let practice = start(config).await?;
    let mut out = std::io::stdout();
    writeln!(out, "site    {}/", practice.url())?;
    writeln!(out, "control {}", practice.control_url())?;
    out.flush()?;
    tokio::signal::ctrl_c().await.context("cannot wait for ctrl-c")?;
    practice.stop().await;
    Ok(())
}

fn hurdles(argument: &str) -> anyhow::Result<Hurdles> {
    if argument.trim_start().starts_with('{') {
        return Ok(Hurdles::from_json(argument)?);
    }
    let text = std::fs::read_to_string(argument).with_context(|| format!("cannot read the hurdles from {argument}"))?;
    Hurdles::from_json(&text).with_context(|| format!("in {argument}"))
}

/// The name ends at the first colon and the seed begins after the last, so that a password may hold colons.
fn new_user(argument: &str) -> anyhow::Result<NewUser> {
    let parts = argument.split_once(':').and_then(|(name, rest)| Some((name, rest.rsplit_once(':')?)));
    let Some((name, (password, seed))) = parts else {
        bail!("--user wants NAME:PASSWORD:SEED, with both colons; leave SEED empty for an account without tokens");
    };
    Ok(NewUser::new(name, password, seed))
}

#[cfg(test)]
mod tests {
    use super::new_user;

    #[test]
    fn a_password_may_hold_colons_and_a_seed_may_be_empty() {
        let user = new_user("alice:a:b:c:JBSWY3DP").unwrap();
        assert_eq!(
            (user.name.as_str(), user.password.as_str(), user.seed.as_deref()),
            ("alice", "a:b:c", Some("JBSWY3DP"))
        );
        assert_eq!(new_user("bob:pw:").unwrap().seed.as_deref(), Some(""));
        assert!(new_user("bob:pw").is_err());
    }
}
