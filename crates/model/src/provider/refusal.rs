//! Why somebody does not come in.

use std::fmt;

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// Why somebody does not come in with the provider. As text it is for the person; the name is stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProviderRefusal { $($(#[$doc])* $name,)* }

        impl ProviderRefusal {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable name, in addresses of the page and in records.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }

        impl fmt::Display for ProviderRefusal {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $text,)* })
            }
        }
    };
}

refusals! {
    /// No provider is set up.
    Off = "off", "sign-in with a provider is not set up here: use your password";
    /// Not begun in this browser, too long ago, or used before.
    NotBegun = "not_begun",
        "this sign-in was not begun in this browser, has taken more than ten minutes, or was used before: begin again";
    /// The provider says that the person declined, or that they may not.
    Declined = "declined", "the provider did not sign you in: you have cancelled, or it does not let you use Countersign";
    /// The provider answered with another error.
    ProviderError = "provider_error",
        "the provider answered with an error: try again, and if it stays, tell an administrator";
    /// The provider cannot be reached in time.
    Unreachable = "unreachable", "the provider cannot be reached: try again later, or sign in with your password";
    /// The provider's answer is not what an OpenID Connect provider answers.
    WrongAnswer = "wrong_answer",
        "the provider's answer cannot be used: tell an administrator, who can test the provider in the settings";
    /// The answer comes from another issuer than the one that was asked (RFC 9207).
    WrongIssuer = "wrong_issuer", "the answer does not come from the provider that you were sent to: begin again";
    /// The token is not one for this sign-in.
    WrongToken = "wrong_token",
        "the provider's token does not prove who you are: begin again, and if it stays, tell an administrator";
    /// The provider has not asked who they are anew.
    NotFresh = "not_fresh",
        "the provider did not ask you to sign in again: sign out there, or sign in to Countersign anew";
    /// The person is kept out.
    Disabled = "disabled", "your account here is disabled: ask an administrator";
    /// Nobody here is connected with them, and nobody is added by signing in.
    Unknown = "unknown", "you have no account here: ask an administrator to add you";
    /// Somebody has the name, and is not known to be them.
    NameTaken = "name_taken",
        "an account with your name exists and is not connected with the provider: sign in with your password and connect it in \
         your account, or ask an administrator";
    /// The provider gives no name that can serve.
    NoName = "no_name", "the provider gives no name that can be used here: ask an administrator to add you";
    /// More groups than are looked at.
    TooManyGroups = "too_many_groups",
        "the provider sends more groups than can be read: an administrator can have it send fewer";
    /// Somebody else at the provider than the one who is signed in here.
    SomebodyElse = "somebody_else", "you have signed in at the provider as somebody else: use the account that is connected with yours here";
    /// The account at the provider is connected with somebody else, or this person with another.
    ConnectedAlready = "connected_already", "this account of the provider is connected with another user, or yours is connected already";
}
