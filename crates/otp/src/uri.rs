use std::borrow::Cow;

use countersign_seal::Secret;
use zeroize::Zeroizing;

use crate::label::{Label, PartTooLong, decode_bytes, percent_decode, percent_encode, same_name, split_encoded};
use crate::otp_secret::OtpSecret;
use crate::parameters::{OtpKind, Parameters, ParametersError, Written};
use crate::seed::{Seed, SeedEncoding, SeedError};

/// What a site or a program hands over to set up one account's tokens.
pub struct Setup {
    /// Whose tokens they are.
    pub label: Label,
    /// The seed and its parameters.
    pub secret: OtpSecret,
    /// What a person should know before saving it. Mostly empty.
    pub warnings: Vec<Warning>,
}

/// Something that was understood but should be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// Under [`Seed::LEAST_GOOD_BITS`].
    #[error("the setup key has {bits} bits only, which can be found by trying: ask the site for a longer one")]
    ShortSeed {
        /// Bits of the key.
        bits: usize,
    },
    /// The label and the parameter name different issuers; the parameter's was taken.
    #[error(
        "the label says the issuer is \"{label}\", the issuer parameter says \"{parameter}\": the latter was taken"
    )]
    IssuersDiffer {
        /// From the label.
        label: String,
        /// From the parameter.
        parameter: String,
    },
    /// Two issuer parameters; the first was taken.
    #[error("the issuer is given twice: the first, \"{taken}\", was taken")]
    IssuerRepeated {
        /// The one that was taken.
        taken: String,
    },
    /// Two parameters stood together without `&` and were read as two.
    #[error("a \"&\" is lost before \"{before}=\" in the otpauth URL: it was read as if it stood there")]
    LostAmpersand {
        /// The parameter that it should stand before.
        before: &'static str,
    },
}

/// Why a URI was refused. No text holds anything of the URI, but for a seed's refused character.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Longer than any that a site makes.
    #[error("the otpauth URL is too long: {bytes} bytes, at most {most} are taken; shorten its label")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// Another scheme, or none.
    #[error("this is no address of a one-time password: it must begin with otpauth://")]
    OtherScheme,
    /// `otpauth://` with a type that is not known.
    #[error("the type of token after otpauth:// is unknown: totp, hotp and steam are known")]
    UnknownType,
    /// Yandex.Key's own kind.
    #[error(
        "Yandex.Key's tokens (otpauth://yaotp) are made with a PIN that the otpauth URL does not hold, and are not \
         supported: choose another second factor in the Yandex account"
    )]
    Yandex,
    /// Mobile-OTP.
    #[error(
        "Mobile-OTP (motp://) makes its tokens with MD5 and a PIN, and is not supported: \
         set the account up anew at its site with an authenticator app (TOTP)"
    )]
    MobileOtp,
    /// A Google export, where one account was asked for.
    #[error("this is an export of several accounts (otpauth-migration://), not one account's address: import it")]
    Migration,
    /// No `secret` parameter, or an empty one.
    #[error("the otpauth URL holds no secret: it must have secret= with the key; copy the whole of it")]
    SecretMissing,
    /// The secret parameter is no seed; places count from its beginning.
    #[error("in the otpauth URL's secret: {0}")]
    Seed(SeedError),
    /// A parameter that has no meaning.
    #[error("in the otpauth URL: {0}")]
    Parameters(#[from] ParametersError),
    /// A number that is none.
    #[error("in the otpauth URL: {0} is not a whole number")]
    NotANumber(&'static str),
    /// The same parameter twice with different values.
    #[error("in the otpauth URL: {0} is given twice, with different values; remove the wrong one")]
    Contradiction(&'static str),
    /// A name that nobody could read on a page.
    #[error("in the otpauth URL: the {part} is too long: {bytes} bytes, at most {} are taken", Label::MAX_BYTES)]
    LabelTooLong {
        /// Issuer or account name.
        part: &'static str,
        /// Its length.
        bytes: usize,
    },
}

/// The longest `otpauth://` or `steam://` address in bytes.
pub(crate) const MAX_URI_BYTES: usize = 16 * 1024;

/// Reads one `otpauth://` or `steam://` address.
///
/// The label is decoded once, the issuer parameter wins over the label's prefix, `&amp;` counts as `&`, a parameter
/// glued to the value before it (`issuer=Fooperiod=30`) is found, and what is unknown is an error, never a default.
pub fn parse_uri(text: &str) -> Result<Setup, UriError> {
    let text = text.trim();
    if text.len() > MAX_URI_BYTES {
        return Err(UriError::TooLong { bytes: text.len(), most: MAX_URI_BYTES });
    }
    let (scheme, rest) = text.split_once("://").ok_or(UriError::OtherScheme)?;
    match Scheme::named(scheme) {
        Some(Scheme::Otpauth) => otpauth(rest),
        Some(Scheme::Steam) => steam(rest),
        Some(Scheme::Motp) => Err(UriError::MobileOtp),
        Some(Scheme::Migration) => Err(UriError::Migration),
        None => Err(UriError::OtherScheme),
    }
}

/// The schemes that one-time passwords come under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Otpauth,
    Steam,
    Motp,
    Migration,
}

impl Scheme {
    /// By its name in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [
            (Self::Otpauth, "otpauth"),
            (Self::Steam, "steam"),
            (Self::Motp, "motp"),
            (Self::Migration, "otpauth-migration"),
        ]
        .into_iter()
        .find_map(|(scheme, known)| name.eq_ignore_ascii_case(known).then_some(scheme))
    }
}

impl OtpSecret {
    /// The canonical `otpauth://` address, every parameter written out. [`parse_uri`] reads the same back.
    ///
    /// Steam's are written with a type of their own, so that a program that does not know it refuses the address
    /// instead of making digits of it.
    pub fn to_uri(&self, label: &Label) -> Secret {
        let parameters = self.parameters();
        let key = self.seed().to_base32();
        let issuer = label.issuer().unwrap_or_default();
        // Room for everything at once, so that no grown-out-of buffer keeps the seed.
        let mut uri = Vec::with_capacity(key.len() + 6 * issuer.len() + 3 * label.account().len() + 160);
        uri.extend(match parameters.kind() {
            OtpKind::Totp { .. } => b"otpauth://totp/".as_slice(),
            OtpKind::Hotp { .. } => b"otpauth://hotp/",
            OtpKind::Steam => b"otpauth://steam/",
        });
        percent_encode(issuer, &mut uri);
        // Without an issuer the colon is written all the same when the account has one of its own.
        if label.issuer().is_some() || label.account().contains(':') {
            uri.push(b':');
        }
        percent_encode(label.account(), &mut uri);
        uri.extend(b"?secret=");
        uri.extend(key.expose());
        if label.issuer().is_some() {
            uri.extend(b"&issuer=");
            percent_encode(issuer, &mut uri);
        }
        let algorithm = parameters.algorithm().name();
        uri.extend(format!("&algorithm={algorithm}&digits={}", parameters.digits().get()).into_bytes());
        uri.extend(
            match (parameters.kind(), parameters.period()) {
                (OtpKind::Hotp { counter }, _) => format!("&counter={counter}"),
                (_, Some(period)) => format!("&period={}", period.seconds()),
                (_, None) => String::new(),
            }
            .into_bytes(),
        );
        Secret::from(uri)
    }
}

impl Setup {
    /// A setup with the warning that a short seed deserves.
    pub(crate) fn new(label: Label, secret: OtpSecret, mut warnings: Vec<Warning>) -> Self {
        if secret.seed().is_short() {
            warnings.push(Warning::ShortSeed { bits: secret.seed().bits() });
        }
        Self { label, secret, warnings }
    }
}

/// The label of a setup whose issuer may be said twice; the one said by itself wins over the label's prefix.
pub(crate) fn choose_label(
    prefix: Option<String>,
    account: &str,
    issuer: Option<&str>,
    warnings: &mut Vec<Warning>,
) -> Result<Label, PartTooLong> {
    let label = Label::checked(issuer.filter(|issuer| !issuer.trim().is_empty()).or(prefix.as_deref()), account)?;
    if let (Some(prefix), Some(taken)) = (prefix, label.issuer())
        && !prefix.trim().is_empty()
        && !same_name(&prefix, taken)
    {
        // Checked like the issuer that was taken: it is shown beside it.
        let prefix = Label::checked(Some(&prefix), "")?;
        warnings.push(Warning::IssuersDiffer {
            label: prefix.issuer().unwrap_or_default().to_owned(),
            parameter: taken.to_owned(),
        });
    }
    Ok(label)
}

impl From<PartTooLong> for UriError {
    fn from(PartTooLong { part, bytes }: PartTooLong) -> Self {
        Self::LabelTooLong { part, bytes }
    }
}

fn otpauth(rest: &str) -> Result<Setup, UriError> {
    let (before, query) = split_query(rest);
    let (kind, label) = before.split_once('/').unwrap_or((before, ""));
    let kind = kind.trim();
    let is = |name: &str| kind.eq_ignore_ascii_case(name);
    if is("yaotp") {
        return Err(UriError::Yandex);
    }
    let mut fields = Fields::default();
    fields.read(query)?;
    let written = fields.written()?;
    let parameters = if is("totp") {
        Parameters::by_time(written.borrowed())?
    } else if is("hotp") {
        Parameters::by_counter(written.borrowed(), written.counter)?
    } else if is("steam") || is("steamtotp") {
        Parameters::steam(written.borrowed())?
    } else {
        return Err(UriError::UnknownType);
    };
    let seed = seed(fields.secret.unwrap_or_default())?;
    let issuer = fields.issuer.map(|raw| issuer_text(raw, label));
    if fields.issuer_repeated
        && let Some(taken) = issuer.as_deref().and_then(|taken| Label::new(Some(taken), ""))
    {
        let taken = taken.issuer().unwrap_or_default().to_owned();
        fields.warnings.push(Warning::IssuerRepeated { taken });
    }
    let (prefix, account) = split_encoded(label, issuer.as_deref());
    let label = choose_label(prefix, &account, issuer.as_deref(), &mut fields.warnings)?;
    Ok(Setup::new(label, OtpSecret::new(seed, parameters), fields.warnings))
}

/// `steam://KEY`, as some password managers write it: no label, fixed parameters.
fn steam(rest: &str) -> Result<Setup, UriError> {
    let key = rest.split(['?', '/']).next().unwrap_or_default();
    let label = Label::checked(Some("Steam"), "")?;
    Ok(Setup::new(label, OtpSecret::new(seed(key)?, Parameters::STEAM), Vec::new()))
}

fn seed(raw: &str) -> Result<Seed, UriError> {
    let decoded = Zeroizing::new(decode_bytes(raw));
    // A broken sequence of bytes has no characters to name; the text as it stands has.
    let text = std::str::from_utf8(&decoded).unwrap_or(raw);
    match Seed::parse(text, SeedEncoding::Base32) {
        Err(SeedError::Empty) => Err(UriError::SecretMissing),
        other => other.map_err(UriError::Seed),
    }
}

/// An issuer as it was meant. A `+` is a blank where forms were encoded (`Big+Corp`), and itself in a name such as
/// `Disney+` or `C++`; the label, whose encoding is certain, decides if it repeats the name.
fn issuer_text(raw: &str, label: &str) -> String {
    let literal = percent_decode(raw).into_owned();
    if !raw.contains('+') {
        return literal;
    }
    let label = percent_decode(label).to_lowercase();
    let blanks = percent_decode(&raw.replace('+', " ")).into_owned();
    if label.starts_with(&format!("{}:", literal.to_lowercase())) {
        return literal;
    }
    let joins_words = raw.split('+').all(|word| !word.is_empty());
    let has_blanks = literal.contains(' ');
    if label.starts_with(&format!("{}:", blanks.to_lowercase())) || (joins_words && !has_blanks) {
        blanks
    } else {
        literal
    }
}

/// The part before the parameters and the parameters. A `?` of the label is known by no parameter following it.
fn split_query(rest: &str) -> (&str, &str) {
    let begins_parameters = |after: &str| {
        let name = after.trim_start().split('=').next().unwrap_or_default();
        after.contains('=') && known_parameter(name).is_some()
    };
    rest.match_indices('?')
        .map(|(at, _)| (&rest[..at], &rest[at + 1..]))
        .find(|(_, after)| begins_parameters(after))
        .or_else(|| rest.split_once('?'))
        .unwrap_or((rest, ""))
}

/// Where the parameters of an address begin whose name begins at `from`: behind its `?`, if it has one.
pub(crate) fn parameters_at(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let (name, _) = split_query(rest);
    (name.len() < rest.len()).then_some(from + name.len() + 1)
}

/// Whether a text begins with what stands before a parameter, in any writing, the parameter's name and `=`.
pub(crate) fn begins_parameter(text: &str) -> bool {
    let behind = text.strip_prefix(['&', '?']).or_else(|| text.strip_prefix("\\u0026"));
    let name = behind.map(without_html_rest).and_then(|rest| rest.split_once('=')).map(|(name, _)| name);
    name.and_then(known_parameter).is_some()
}

/// Parameters as they stand in the URI, still encoded.
#[derive(Default)]
struct Fields<'t> {
    secret: Option<&'t str>,
    issuer: Option<&'t str>,
    algorithm: Option<&'t str>,
    digits: Option<&'t str>,
    period: Option<&'t str>,
    counter: Option<&'t str>,
    encoder: Option<&'t str>,
    issuer_repeated: bool,
    warnings: Vec<Warning>,
}

/// Decoded parameters, before they are understood.
struct Decoded<'t> {
    algorithm: Option<Cow<'t, str>>,
    digits: Option<u64>,
    period: Option<u64>,
    counter: Option<u64>,
    encoder: Option<Cow<'t, str>>,
}

impl Decoded<'_> {
    fn borrowed(&self) -> Written<'_> {
        Written {
            algorithm: self.algorithm.as_deref().map(str::trim),
            digits: self.digits,
            period: self.period,
            encoder: self.encoder.as_deref().map(str::trim),
        }
    }
}

impl<'t> Fields<'t> {
    fn read(&mut self, query: &'t str) -> Result<(), UriError> {
        // `\u0026` is how some programs write `&` in JSON.
        for piece in query.split('&').flat_map(|piece| piece.split("\\u0026")) {
            let piece = without_html_rest(piece);
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            // `image`, `color`, `lock` and whatever else programs add: nothing that a token depends on.
            if let Some(name) = known_parameter(name) {
                self.read_glued(name, value)?;
            }
        }
        Ok(())
    }

    /// Takes a parameter whose value may run on into the next ones, for lack of a `&`.
    fn read_glued(&mut self, name: &'static str, value: &'t str) -> Result<(), UriError> {
        let mut name = name;
        let mut value = value;
        while name != "image"
            && let Some((before, next, after)) = split_glued(value)
        {
            self.set(name, before)?;
            self.warnings.push(Warning::LostAmpersand { before: next });
            (name, value) = (next, after);
        }
        self.set(name, value)
    }

    fn set(&mut self, name: &'static str, value: &'t str) -> Result<(), UriError> {
        let slot = match name {
            "secret" => &mut self.secret,
            "issuer" => &mut self.issuer,
            "algorithm" => &mut self.algorithm,
            "digits" => &mut self.digits,
            "period" => &mut self.period,
            "counter" => &mut self.counter,
            "encoder" => &mut self.encoder,
            _ => return Ok(()),
        };
        match *slot {
            None | Some("") => *slot = Some(value),
            Some(held) if held.eq_ignore_ascii_case(value) || value.is_empty() => {}
            Some(_) if name == "issuer" => self.issuer_repeated = true,
            Some(_) => return Err(UriError::Contradiction(name)),
        }
        Ok(())
    }

    fn written(&self) -> Result<Decoded<'t>, UriError> {
        Ok(Decoded {
            algorithm: self.algorithm.map(percent_decode),
            digits: number("digits", self.digits)?,
            period: number("period", self.period)?,
            counter: number("counter", self.counter)?,
            encoder: self.encoder.map(percent_decode),
        })
    }
}

fn number(name: &'static str, raw: Option<&str>) -> Result<Option<u64>, UriError> {
    let Some(raw) = raw else { return Ok(None) };
    let text = percent_decode(raw);
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| UriError::NotANumber(name)),
    }
}

pub(crate) fn known_parameter(name: &str) -> Option<&'static str> {
    let name = name.trim();
    PARAMETERS.into_iter().find(|known| name.eq_ignore_ascii_case(known))
}

/// Takes off what HTML's `&amp;` leaves when it is split at `&`.
fn without_html_rest(mut piece: &str) -> &str {
    while let Some(rest) = ["amp;", "#38;", "#x26;"].into_iter().find_map(|mark| {
        piece.get(..mark.len()).filter(|start| start.eq_ignore_ascii_case(mark)).and(piece.get(mark.len()..))
    }) {
        piece = rest;
    }
    piece
}

/// Finds a known parameter's name and `=` inside a value: what stands before it, the name, what stands after.
fn split_glued(value: &str) -> Option<(&str, &'static str, &str)> {
    value.match_indices('=').find_map(|(at, _)| {
        let (before, after) = (&value[..at], &value[at + 1..]);
        // Padding at the end of a seed, not the beginning of a value.
        if after.trim_start_matches('=').is_empty() {
            return None;
        }
        PARAMETERS.into_iter().find_map(|name| {
            let cut = before.len().checked_sub(name.len())?;
            before.get(cut..)?.eq_ignore_ascii_case(name).then(|| (&before[..cut], name, after))
        })
    })
}

const PARAMETERS: [&str; 8] = ["secret", "issuer", "algorithm", "digits", "period", "counter", "encoder", "image"];
