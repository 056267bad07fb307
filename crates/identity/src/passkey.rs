//! What is asked of an authenticator, and whether what comes back counts. Where that is kept in between, and who may, is the
//! vault's to say.

use std::time::Duration;

use countersign_model::UserId;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey as PublicKey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential,
};

use crate::{
    passkey_refusal::PasskeyRefusal,
    relying_party::{RelyingParty, person_of},
};

/// How long a browser has to answer.
pub const CHALLENGE_LASTS: Duration = Duration::from_secs(5 * 60);

/// How many passkeys a person may have.
pub const MAX_PASSKEYS: usize = 20;

// Longer ids no authenticator gives (Web Authentication §5.8.3: 1023 bytes).
const LONGEST_ID: usize = 1_023;

/// A passkey as the vault keeps it: the public key, how often it was used by its own count, and what else it says of itself.
#[derive(Debug, Clone)]
pub struct Passkey(PublicKey);

impl Passkey {
    /// From what [`Passkey::to_text`] gave.
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// To be stored.
    pub fn to_text(&self) -> String {
        serde_json::to_string(&self.0).expect("a public key is plain")
    }

    /// The authenticator's own id of it.
    pub fn credential(&self) -> &[u8] {
        self.0.cred_id().as_ref()
    }
}

/// What a browser is asked.
#[derive(Debug)]
pub struct PasskeyChallenge {
    /// For the browser: `PublicKeyCredentialCreationOptions` or `…RequestOptions` as JSON (Web Authentication §5.1.8 and on).
    pub options: Value,
    /// What the server keeps until the answer, and shows to nobody.
    pub state: String,
}

/// An answer to a question for a passkey, which is yet to be compared with anything.
#[derive(Debug)]
pub struct PasskeyAnswer(PublicKeyCredential);

impl PasskeyAnswer {
    /// Reads `AuthenticationResponseJSON` (§5.1, *toJSON*).
    ///
    /// # Errors
    /// [`PasskeyRefusal::Unreadable`].
    pub fn read(answer: Value) -> Result<Self, PasskeyRefusal> {
        let read: PublicKeyCredential = serde_json::from_value(answer).map_err(|_| PasskeyRefusal::Unreadable)?;
        let fits = read.type_ == "public-key" && (1..=LONGEST_ID).contains(&read.raw_id.len());
        if fits { Ok(Self(read)) } else { Err(PasskeyRefusal::Unreadable) }
    }

    /// Which passkey it claims to be of, by the authenticator's own id.
    pub fn credential(&self) -> &[u8] {
        &self.0.raw_id
    }

    /// Whose it claims to be.
    ///
    /// # Errors
    /// [`PasskeyRefusal::Unreadable`] where that is no id of a person.
    pub fn person(&self) -> Result<Option<UserId>, PasskeyRefusal> {
        match self.0.response.user_handle.as_deref().filter(|handle| !handle.is_empty()) {
            None => Ok(None),
            Some(handle) => person_of(handle).map(Some).ok_or(PasskeyRefusal::Unreadable),
        }
    }
}

impl RelyingParty {
    /// Asks for a new passkey of a person: one that is found without a name, and makes sure of who uses it. Those that they
    /// have already are not made twice by the same authenticator.
    pub fn ask_to_add(&self, person: UserId, name: &str, known: &[Vec<u8>]) -> PasskeyChallenge {
        let known = (!known.is_empty()).then(|| known.iter().map(|id| id.as_slice().into()).collect());
        let (asked, state) = self
            .webauthn
            .start_passkey_registration(person.uuid(), name, name, known)
            .expect("a person has a name, and that is all it takes");
        let mut options = serde_json::to_value(&asked.public_key).expect("options are plain");
        options["authenticatorSelection"]["residentKey"] = json!("required");
        options["authenticatorSelection"]["requireResidentKey"] = json!(true);
        PasskeyChallenge { options, state: serde_json::to_string(&state).expect("a state is plain") }
    }

    /// Whether the answer is a new passkey, made for what was asked.
    ///
    /// # Errors
    /// [`PasskeyRefusal`].
    pub fn added(&self, state: &str, answer: Value) -> Result<Passkey, PasskeyRefusal> {
        let state: PasskeyRegistration = serde_json::from_str(state).map_err(|_| PasskeyRefusal::NoChallenge)?;
        let answer: RegisterPublicKeyCredential =
            serde_json::from_value(answer).map_err(|_| PasskeyRefusal::Unreadable)?;
        if answer.type_ != "public-key" {
            return Err(PasskeyRefusal::Unreadable);
        }
        self.require_own_page(&answer.response.client_data_json)?;
        let added = self.webauthn.finish_passkey_registration(&answer, &state);
        let added = added.map(Passkey).map_err(|error| PasskeyRefusal::of(&error))?;
        if (1..=LONGEST_ID).contains(&added.credential().len()) { Ok(added) } else { Err(PasskeyRefusal::Unreadable) }
    }

    /// Asks for a passkey: any, or one of these.
    pub fn ask_to_show(&self, these: &[Vec<u8>]) -> PasskeyChallenge {
        let (asked, state) = self.webauthn.start_discoverable_authentication().expect("it takes nothing");
        let mut options = serde_json::to_value(&asked.public_key).expect("options are plain");
        let encoded =
            these.iter().map(|id| json!({"type": "public-key", "id": data_encoding::BASE64URL_NOPAD.encode(id)}));
        options["allowCredentials"] = encoded.collect();
        if let Some(options) = options.as_object_mut() {
            // How somebody was verified is not looked at, only whether.
            options.remove("extensions");
        }
        PasskeyChallenge { options, state: serde_json::to_string(&state).expect("a state is plain") }
    }

    /// Whether the answer was signed with this passkey for what was asked, by an authenticator that has made sure of its
    /// user. Gives what is to be kept of the passkey from now on: its counter has moved.
    ///
    /// # Errors
    /// [`PasskeyRefusal`].
    pub fn shown(&self, state: &str, answer: &PasskeyAnswer, passkey: &Passkey) -> Result<Passkey, PasskeyRefusal> {
        let state: DiscoverableAuthentication = serde_json::from_str(state).map_err(|_| PasskeyRefusal::NoChallenge)?;
        self.require_own_page(&answer.0.response.client_data_json)?;
        let shown = self.webauthn.finish_discoverable_authentication_v2(&answer.0, state, &passkey.0);
        let shown = shown.map_err(|error| PasskeyRefusal::of(&error))?;
        if !shown.user_verified() {
            return Err(PasskeyRefusal::NotVerified);
        }
        let mut kept = passkey.clone();
        kept.0.update_credential(&shown).ok_or(PasskeyRefusal::Unknown)?;
        Ok(kept)
    }

    /// Whether a browser says that the page was this site's own, to the letter, and framed by no other (§7.2, steps 12 to 14).
    /// The library compares origins as well, and not whether a page was framed.
    fn require_own_page(&self, client_data: &[u8]) -> Result<(), PasskeyRefusal> {
        let data: Value = serde_json::from_slice(client_data).map_err(|_| PasskeyRefusal::Unreadable)?;
        let framed = data.get("crossOrigin").is_some_and(|framed| *framed != json!(false));
        let own = data.get("origin").and_then(Value::as_str) == Some(self.origin());
        if own && !framed && data.get("topOrigin").is_none_or(Value::is_null) {
            Ok(())
        } else {
            Err(PasskeyRefusal::OtherOrigin)
        }
    }
}
