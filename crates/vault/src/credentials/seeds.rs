//! From what a person typed, pasted or photographed to a seed, with its tokens to compare before it is saved.

use countersign_model::{Invalid, SecondFactor, Timestamp};
use countersign_otp::{
    Label, OtpSecret, Parameters, Pasted, SeedEncoding, SeedField, TokenText, Written, parse_seed_field, read_qr_codes,
    uris,
};
use countersign_seal::Secret;

use crate::Vault;

/// A seed as it comes from a form or the API, before it is understood.
#[derive(Default)]
pub struct SeedRequest {
    /// A seed, or a whole URI.
    pub text: Option<Secret>,
    /// A picture with a QR code.
    pub image: Option<Vec<u8>>,
    /// How a bare seed is written.
    pub encoding: Option<String>,
    /// The hash.
    pub algorithm: Option<String>,
    /// Digits of a token.
    pub digits: Option<u64>,
    /// Seconds of a step.
    pub period: Option<u64>,
    /// `steam`.
    pub encoder: Option<String>,
    /// `totp` or `hotp`.
    pub kind: Option<String>,
    /// For HOTP the next counter.
    pub counter: Option<u64>,
}

/// What was understood.
pub struct SeedCheck {
    /// The seed.
    pub secret: OtpSecret,
    /// Whose it is, where that was said.
    pub label: Option<Label>,
    /// What a person should know before saving it.
    pub warnings: Vec<String>,
}

/// A token to compare with the old authenticator. It is made of what the person sent, so it is no secret of the vault.
pub struct TokenPreview {
    /// The token.
    pub text: TokenText,
    /// Its step and when that begins and ends; none for HOTP.
    pub times: Option<(u64, Timestamp, Timestamp)>,
}

impl SeedRequest {
    /// Understands it.
    ///
    /// # Errors
    /// What cannot be read: the character and its place, the picture without a QR code, the unknown algorithm.
    pub fn understand(&self) -> Result<SeedCheck, Invalid> {
        match (&self.text, &self.image) {
            (Some(text), None) => self.text(text.expose_text().unwrap_or_default()),
            (None, Some(image)) => self.picture(image),
            _ => Err(Invalid::new("totp", "needs either a text or an image")),
        }
    }

    fn text(&self, text: &str) -> Result<SeedCheck, Invalid> {
        let encoding = match self.encoding.as_deref() {
            None | Some("base32") => SeedEncoding::Base32,
            Some("hex") => SeedEncoding::Hex,
            Some("base64") => SeedEncoding::Base64,
            Some(_) => return Err(Invalid::new("totp.encoding", "is not base32, hex or base64")),
        };
        let field = parse_seed_field(text, encoding)
            .map_err(|error| Invalid::new("totp.secret", format!("cannot be read: {error}")))?;
        let seed = match field {
            SeedField::Setup(setup) => {
                return Ok(SeedCheck {
                    secret: setup.secret,
                    label: Some(setup.label),
                    warnings: setup.warnings.iter().map(ToString::to_string).collect(),
                });
            }
            SeedField::Seed(seed) => seed,
        };
        let warnings = if seed.is_short() {
            vec![format!("the setup key has {} bits only: ask the site for a longer one", seed.bits())]
        } else {
            Vec::new()
        };
        Ok(SeedCheck { secret: OtpSecret::new(seed, self.parameters()?), label: None, warnings })
    }

    fn parameters(&self) -> Result<Parameters, Invalid> {
        let written = Written {
            algorithm: self.algorithm.as_deref(),
            digits: self.digits,
            period: self.period,
            encoder: self.encoder.as_deref(),
        };
        let parameters = match self.kind.as_deref() {
            None | Some("totp") => Parameters::by_time(written),
            Some("steam") => Parameters::steam(written),
            Some("hotp") => Parameters::by_counter(written, self.counter),
            Some(_) => return Err(Invalid::new("totp.kind", "is not totp, hotp or steam")),
        };
        parameters.map_err(|error| Invalid::new("totp", format!("cannot be used: {error}")))
    }

    fn picture(&self, image: &[u8]) -> Result<SeedCheck, Invalid> {
        let codes = read_qr_codes(image).map_err(|error| Invalid::new("image", format!("cannot be used: {error}")))?;
        let texts: Vec<&str> = codes.iter().filter_map(Secret::expose_text).collect();
        let addresses: Vec<&str> = texts
            .iter()
            .copied()
            .filter(|text| uris(text).any(|found| matches!(found.outcome, Ok(Pasted::Setup(_) | Pasted::Migration(_)))))
            .collect();
        match addresses.as_slice() {
            [one] => self.text(one),
            [] => match texts.first() {
                Some(text) => self.text(text),
                None => Err(Invalid::new("image", "holds no QR code with text")),
            },
            several => Err(Invalid::new(
                "image",
                format!("holds {} accounts, and a credential holds one: import them all instead", several.len()),
            )),
        }
    }
}

impl SeedCheck {
    /// How its tokens are made.
    pub fn second_factor(&self) -> SecondFactor {
        self.secret.second_factor()
    }

    /// The same as one address, for whoever is about to save it.
    ///
    /// # Errors
    /// [`Invalid`] when the label cannot be written into an address.
    pub fn uri(&self) -> Result<Secret, Invalid> {
        let label = match &self.label {
            Some(label) => label.clone(),
            None => Label::new(None, "account").ok_or_else(|| Invalid::new("totp", "has no label"))?,
        };
        Ok(self.secret.to_uri(&label))
    }

    /// The current token and the next.
    pub fn previews(&self, now: Timestamp) -> Vec<TokenPreview> {
        let moment = |seconds: u64| Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX));
        if let Some(counter) = self.secret.counter() {
            let at = |counter| self.secret.hotp(counter).map(|text| TokenPreview { text, times: None });
            return [at(counter), at(counter.saturating_add(1))].into_iter().flatten().collect();
        }
        let current = self.secret.token_at(u64::try_from(now.seconds()).unwrap_or(0));
        let next = current.as_ref().and_then(|token| self.secret.token_for_step(token.step + 1));
        [current, next]
            .into_iter()
            .flatten()
            .map(|token| TokenPreview {
                times: Some((token.step, moment(token.begins_at), moment(token.ends_at))),
                text: token.text,
            })
            .collect()
    }
}

impl Vault {
    /// Understands a seed and gives it with the present, so that the page can show tokens beside it.
    ///
    /// # Errors
    /// As [`SeedRequest::understand`].
    pub fn check_seed(&self, ask: &SeedRequest) -> Result<(SeedCheck, Timestamp), crate::Error> {
        Ok((ask.understand()?, self.now()))
    }
}
