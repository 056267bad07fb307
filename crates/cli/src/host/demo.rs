//! A throw-away vault to look around in.

use std::{fs::Permissions, os::unix::fs::PermissionsExt as _, process::ExitCode, sync::Arc};

use countersign_identity::Bearer;
use countersign_model::{Actor, Chance as _, CredentialName, Notes, SiteAddress, Tag, UserName, Username};
use countersign_practice::{NewUser, Practice};
use countersign_seal::{Secret, SystemChance};
use countersign_server::{AppState, ConnectionLimits, Settings, serve};
use countersign_store::engine::{Database, DatabaseUrl, OpenOptions};
use countersign_vault::{NewApiToken, NewCredential, Recordings, SeedRequest, Unlock, Vault, VaultOptions};

use serde_json::json;

use crate::{
    args::DemoArgs,
    host::{
        stopping::{close, stop_worker, until_told_to_stop},
        work,
    },
    machine::{
        process,
        system::{self, SystemClock},
    },
    output,
    settings::{private::PrivateSites, recipes, visits::Visits},
};

// One of each kind that the page shows differently: digits, period, algorithm, counter, Steam, no token, no password.
const SAMPLES: &[Sample] = &[
    Sample::new(
        "Instagram",
        "harbour.coffee@example.org",
        "https://www.instagram.com/",
        &["social", "marketing"],
        "otpauth://totp/Instagram:harbour.coffee@example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Instagram",
    ),
    Sample::new(
        "Facebook page",
        "harbour.coffee@example.org",
        "https://www.facebook.com/",
        &["social", "marketing"],
        "otpauth://totp/Facebook:harbour?secret=KRSXG5CTMVRXEZLUKN2XAZLSKNSWG4TF&issuer=Facebook&algorithm=SHA256&digits=8",
    ),
    Sample::new(
        "Video channel",
        "studio@example.org",
        "https://www.youtube.com/",
        &["social", "video"],
        "otpauth://totp/Google:studio@example.org?secret=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U&issuer=Google",
    ),
    Sample::new(
        "Network switch, hall 2",
        "admin",
        "https://10.20.0.2/",
        &["operations"],
        "otpauth://totp/switch2:admin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA512&digits=8&period=60",
    ),
    Sample::new(
        "Certificate portal",
        "ops@example.org",
        "https://portal.example.org/",
        &["operations"],
        "otpauth://hotp/Portal:ops@example.org?secret=ONSWG4TFOQWTGMZNONSWG4TFOQWTGMZN&counter=41&issuer=Portal",
    ),
    Sample::new(
        "Game server console",
        "harbour-games",
        "https://store.example.com/",
        &["video"],
        "otpauth://totp/Steam:harbour-games?secret=NBSWY3DPFQQHO33SNRSCC&encoder=steam&issuer=Steam",
    ),
    Sample::new(
        "Fast tokens",
        "quick",
        "https://quick.example.com/",
        &["operations"],
        "otpauth://totp/Quick:quick?secret=OF2WSY3LF5YWK5DFON2C65DFON2HGZLF&period=10&issuer=Quick",
    ),
    Sample::new("Newsletter tool", "letters@example.org", "https://letters.example.com/", &["marketing"], ""),
];

struct Sample {
    name: &'static str,
    username: &'static str,
    site: &'static str,
    tags: &'static [&'static str],
    uri: &'static str,
}

impl Sample {
    const fn new(
        name: &'static str,
        username: &'static str,
        site: &'static str,
        tags: &'static [&'static str],
        uri: &'static str,
    ) -> Self {
        Self { name, username, site, tags, uri }
    }

    fn credential(&self) -> anyhow::Result<NewCredential> {
        let seed = if self.uri.is_empty() {
            None
        } else {
            let ask = SeedRequest { text: Some(Secret::from(self.uri.to_owned())), ..SeedRequest::default() };
            Some(ask.understand()?.secret)
        };
        Ok(NewCredential {
            name: CredentialName::parse(self.name)?,
            username: Username::parse(self.username)?,
            password: Some(random_password()),
            site: Some(SiteAddress::parse(self.site)?),
            seed,
            tags: self.tags.iter().map(|tag| Tag::parse(tag)).collect::<Result<_, _>>()?,
            notes: Notes::parse("A sample. Its site and its account do not exist.")?,
        })
    }
}

pub(crate) async fn run(ask: DemoArgs) -> anyhow::Result<ExitCode> {
    let folder =
        tempfile::Builder::new().prefix("countersign-demo-").permissions(Permissions::from_mode(0o700)).tempdir()?;
    let database =
        Database::open(&DatabaseUrl::Sqlite(folder.path().join("countersign.db")), &OpenOptions::default()).await?;
    let unlock = Unlock::KeyFile(folder.path().join("countersign.key"));
    let options = VaultOptions { second_factor_required: false, ..VaultOptions::default() };
    let vault = Vault::open(database, &unlock, Arc::new(SystemClock), Arc::new(SystemChance), options).await?;
    vault.keep_recordings(Recordings::folder(folder.path().join("recordings")));
    let password = random_password();
    let (demo, token) = fill(&vault, &password).await?;

    let practice = practise(&vault, &demo).await?;
    let (site, controls) = (practice.url().to_owned(), practice.control_url());
    let book = recipes::book(None);
    let visits = Visits { private: PrivateSites::Allowed, recipes: Arc::clone(&book), ..Visits::default() };
    let worker = work::start(&vault, &visits);
    vault.keep_sinks_in(folder.path().join("audit"));
    std::fs::create_dir(folder.path().join("audit"))?;
    let _sender = work::send_notices(&vault, &visits);
    let log = work::send_log(&vault, &visits);
    let asked = Arc::clone(&worker);
    let (looked, launch) = (Arc::clone(&worker), visits.launch());
    let at = folder.path().to_owned();
    let settings = Settings {
        demo: true,
        connections: ConnectionLimits::for_descriptors(process::raise_descriptors()),
        machine_checks: Box::new(move || system::machine_checks(&at, &launch, looked.isolation())),
        receivers: work::receivers(&visits),
        recipes: Box::new(move || recipes::infos(&book)),
        live: Some(Arc::clone(worker.hub())),
        readiness: Box::new(move || work::readiness(&asked)),
        ..Settings::plain()
    };
    let closing = vault.clone();
    serve(
        AppState::new(vault, settings),
        &ask.listen,
        |address| announce(&address.to_string(), &password, &token, &site, &controls),
        until_told_to_stop(),
    )
    .await?;
    log.stop().await;
    stop_worker(&worker).await;
    practice.stop().await;
    close(&closing).await;
    Ok(ExitCode::SUCCESS)
}

fn announce(address: &str, password: &Secret, token: &Bearer, site: &str, controls: &str) {
    let password = password.expose_text().unwrap_or_default();
    output::line("A demo vault is running. Its data is deleted when you stop it with Ctrl-C.");
    output::line("");
    output::line(format!("  URL       http://{address}/"));
    output::line("  User      demo");
    output::line(format!("  Password  {password}"));
    output::line("");
    output::line("In the page: Products > PAM Core > Credentials > All credentials, then a row's");
    output::line("Actions > Details shows its Token OTP. On the command line:");
    output::line("");
    output::line(format!("  export COUNTERSIGN_URL=http://{address} COUNTERSIGN_TOKEN={}", token.expose()));
    output::line("  countersign token Instagram");
    output::line("  countersign change 'Practice network' --wait");
    output::line("");
    output::line(format!("A site to practise on runs at {site}"));
    output::line(format!("What it does is set at         {controls}"));
}

/// A site to practise on, with accounts whose passwords can really be changed.
async fn practise(vault: &Vault, demo: &Actor) -> anyhow::Result<Practice> {
    let practice = countersign_practice::start(countersign_practice::Config::default()).await?;
    let accounts = [
        ("Practice network", "harbour", "A real account at the practice site: have its password changed.", json!({})),
        (
            "Practice network, second account",
            "lighthouse",
            "Its site asks for proof that one is human: its change waits for a person.",
            json!({"sign_in": {"captcha": {"sign_in": true, "place": "own_page"}}}),
        ),
    ];
    for (name, username, notes, hurdles) in accounts {
        let password = random_password();
        let seed = random_seed();
        let text = password.expose_text().unwrap_or_default();
        practice.control().add_user(NewUser::new(username, text, seed.expose_text().unwrap_or_default()))?;
        practice.control().patch_hurdles(Some(username), &hurdles)?;
        let ask = SeedRequest { text: Some(seed), ..SeedRequest::default() };
        let new = NewCredential {
            name: CredentialName::parse(name)?,
            username: Username::parse(username)?,
            password: Some(password),
            site: Some(SiteAddress::parse(practice.url())?),
            seed: Some(ask.understand()?.secret),
            tags: vec![Tag::parse("practice")?],
            notes: Notes::parse(notes)?,
        };
        vault.create_credential(demo, new).await?;
    }
    Ok(practice)
}

/// Twenty bytes in base32.
fn random_seed() -> Secret {
    let mut bytes = [0; 20];
    SystemChance.fill(&mut bytes);
    Secret::from(data_encoding::BASE32_NOPAD.encode(&bytes))
}

async fn fill(vault: &Vault, password: &Secret) -> anyhow::Result<(Actor, Bearer)> {
    let demo = vault.create_administrator(&UserName::parse("demo")?, Secret::from(password.expose())).await?;
    for sample in SAMPLES {
        vault.create_credential(&demo, sample.credential()?).await?;
    }
    let new = NewApiToken { name: "command line".to_owned(), role: None, expires_in_days: Some(1), admin: true };
    let (_, bearer) = vault.create_api_token(&demo, &new).await?;
    Ok((demo, bearer))
}

/// Four groups of five letters and digits that are not mistaken for one another: 96 bits.
fn random_password() -> Secret {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    SystemChance.fill(&mut bytes);
    // 32 letters divide 256, so that each is as likely as any other.
    let letters: Vec<char> =
        bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect();
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    Secret::from(groups.join("-"))
}
