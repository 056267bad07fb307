//! English.

use super::Word;

pub(super) fn wordings(word: Word) -> &'static [&'static str] {
    match word {
        Word::Tagline => &["What your neighbours talk about", "Small talk, big hearts", "The place for your people"],
        Word::Home => &["Home", "Start"],
        Word::Feed => &["Feed", "Timeline", "Latest"],
        Word::Profile => &["Profile", "My page"],
        Word::Settings => &["Settings", "Preferences", "Settings & privacy", "Account settings"],
        Word::Menu => &["Menu", "More", "You"],
        Word::SignIn => &["Sign in", "Log in", "Login", "Log on"],
        Word::SignUp => &["Sign up", "Create account", "Join now", "Register"],
        Word::SignOut => &["Sign out", "Log out", "Log off"],
        Word::Search => &["Search", "Search people and posts"],
        Word::Help => &["Help", "Support"],
        Word::Privacy => &["Privacy", "Privacy policy"],
        Word::Newsletter => &["Our newsletter, once a month", "Get the best posts by e-mail"],
        Word::Subscribe => &["Subscribe", "Keep me posted"],
        Word::MailAddress => &["E-mail address", "Your e-mail"],
        Word::Close => &["Close", "Dismiss", "×"],
        Word::SignInTitle => &["Sign in", "Welcome back", "Log in to your account", "Good to see you"],
        Word::Username => &["Username", "User name", "Username or e-mail", "E-mail or username", "Login", "Account"],
        Word::Password => &["Password", "Your password", "Passphrase"],
        Word::Next => &["Next", "Continue", "Go on"],
        Word::SignInButton => &["Sign in", "Log in", "Login", "Enter", "Continue"],
        Word::Forgot => &["Forgot password?", "Forgotten your password?", "Trouble signing in?"],
        Word::Remember => &["Remember me", "Keep me signed in", "Stay logged in"],
        Word::ShowPassword => &["Show password", "Show"],
        Word::ContinueWith => &["Continue with {}", "Sign in with {}"],
        Word::NoAccount => &["New here?", "No account yet?"],
        Word::TokenTitle => {
            &["Two-factor authentication", "Two-step verification", "One more step", "Enter your security code"]
        }
        Word::TokenHint => &[
            "Open your authenticator app and enter the code you see there.",
            "Enter the 6-digit code from your authenticator app.",
            "Your account is protected by a second factor.",
        ],
        Word::Token => &[
            "Authentication code",
            "6-digit code",
            "Security code",
            "Verification code",
            "Two-factor code",
            "One-time password",
        ],
        Word::Digit => &["Digit {}", "Character {}"],
        Word::Verify => &["Verify", "Confirm", "Submit", "Continue", "Check code"],
        Word::TrustTitle => &["Trust this browser?", "Remember this device?", "Is this your own device?"],
        Word::TrustHint => &[
            "If you trust this browser, we will not ask for a code here again.",
            "Do not trust a computer that others use.",
        ],
        Word::TrustYes => &["Trust this browser", "Yes, trust it", "Trust for 30 days", "Save"],
        Word::TrustNo => &["Don't trust", "Not now", "No, thanks", "Skip"],
        Word::TrustBox => {
            &["Don't ask again on this browser", "Trust this device for 30 days", "Remember this browser"]
        }
        Word::LocationTitle => &["Was this you?", "Unusual sign-in", "Confirm it's you"],
        Word::LocationHint => &["Someone is signing in from {}. If it is you, go on.", "We noticed a sign-in near {}."],
        Word::LocationYes => &["Yes, it was me", "This was me", "That's me"],
        Word::LocationNo => &["No, it wasn't", "This wasn't me", "Secure my account"],
        Word::MailTitle => &["Check your e-mail", "We don't know this device", "New device"],
        Word::MailHint => &["We have sent a code to {}.", "Enter the code that we sent to {}."],
        Word::MailCode => &["Code from the e-mail", "E-mailed code", "Confirmation code"],
        Word::CaptchaTitle => &["Are you human?", "Security check", "Verify you are human"],
        Word::CaptchaHint => &["What is the sum in the picture?", "Solve the sum in the picture."],
        Word::CaptchaField => &["Result", "Your answer", "Sum"],
        Word::ReauthTitle => &["Confirm your password", "Confirm access", "Please sign in again"],
        Word::ReauthHint => &["For your safety, enter your password to go on.", "You are entering a protected area."],
        Word::Account => &["Account", "Your account"],
        Word::Security => &["Security", "Security & login", "Sign-in and security", "Password and security"],
        Word::Sessions => &["Sessions", "Where you're logged in", "Active sessions"],
        Word::TwoFactor => &["Two-factor authentication", "Two-step verification", "2FA"],
        Word::ChangeLink => &["Change password", "Password", "Update password", "Change your password"],
        Word::ChangeTitle => &["Change password", "Update your password", "Set a new password", "Password"],
        Word::Old => &["Current password", "Old password", "Your current password", "Existing password"],
        Word::New => &["New password", "Choose a new password", "Your new password"],
        Word::Repeat => &[
            "Repeat new password",
            "Confirm new password",
            "New password, again",
            "Retype password",
            "Verify password",
        ],
        Word::Save => &["Save", "Save changes", "Change password", "Update password", "Update"],
        Word::Yes => &["Yes, change it", "Confirm", "Continue"],
        Word::Cancel => &["Cancel", "Go back", "No"],
        Word::ConfirmTitle => &["Change your password?", "Are you sure?"],
        Word::ConfirmHint => {
            &["You may have to sign in again on your other devices.", "Please confirm the change of your password."]
        }
        Word::Changed => &[
            "Your password has been changed.",
            "Password updated.",
            "All set! Your new password is active.",
            "Password changed successfully.",
        ],
        Word::BackToSettings => &["Back to settings", "Done", "Continue"],
        Word::SignInAgain => &["Please sign in with your new password.", "You have been signed out."],
        Word::NewMailAddress => &["New e-mail address", "E-mail"],
        Word::ChangeMail => &["Change e-mail", "Update e-mail"],
        Word::DeleteAccount => &["Delete account", "Close my account"],
        Word::DeleteHint => &["This cannot be undone.", "All your posts will be gone."],
        Word::EndSession => &["End session", "Sign out there"],
        Word::ThisBrowser => &["this browser", "current session"],
        Word::TwoFactorOn => &["Your account asks for a token.", "Two-factor authentication is on."],
        Word::TwoFactorOff => &["Scan the picture with your authenticator app, then enter the code it shows."],
        Word::Post => &["Post", "Share", "Publish"],
        Word::PostHint => &["What's on your mind?", "What's new?"],
        Word::More => &["More posts", "Load more"],
        Word::Follow => &["Follow", "Like"],
        Word::WrongSignIn => &[
            "Wrong username or password.",
            "The details you entered are incorrect.",
            "Sorry, your password was incorrect. Please double-check it.",
            "Invalid credentials.",
        ],
        Word::WrongToken => {
            &["This code is not right.", "Invalid code. Please try again.", "The code is incorrect or has expired."]
        }
        Word::UsedToken => {
            &["This code has been used already. Wait for the next one.", "You have already used this code."]
        }
        Word::Locked => &[
            "Your account is locked after too many attempts.",
            "Too many failed attempts. Your account is temporarily locked.",
        ],
        Word::TooMany => &["Too many requests. Please wait a moment.", "Slow down! Try again in a few minutes."],
        Word::WrongCaptcha => &["The answer was wrong.", "That is not the right result. Please try again."],
        Word::WrongMailCode => &["This is not the code from the e-mail.", "Wrong or expired code."],
        Word::WrongOld => &["Your current password is not right.", "The old password is incorrect."],
        Word::Mismatch => &["The two passwords differ.", "Passwords do not match."],
        Word::Refused => &["This password cannot be used.", "Please choose another password."],
        Word::Broken => {
            &["Something went wrong. Your password was not changed.", "An error occurred. Please try again later."]
        }
        Word::NotFound => &["This page does not exist.", "Sorry, this page isn't available."],
        Word::Expired => &["This form is too old. Please load the page again.", "Your session has expired."],
        Word::NameTaken => &["This username is taken.", "That name belongs to someone else."],
        Word::TooShort => &["The password needs at least {} characters.", "Too short: use {} characters or more."],
        Word::TooLong => &["The password may have {} characters at most.", "Too long: no more than {} characters."],
        Word::NeedsLower => &["The password needs a lower-case letter.", "Use at least one lowercase letter."],
        Word::NeedsUpper => &["The password needs an upper-case letter.", "Use at least one capital letter."],
        Word::NeedsDigit => &["The password needs a digit.", "Use at least one number."],
        Word::NeedsSpecial => &["The password needs a special character.", "Use at least one symbol."],
        Word::NeedsOneOf => &["The password needs one of {}.", "Use at least one of these: {}"],
        Word::NotAllowed => &["The character {} is not allowed.", "Passwords may not contain {}."],
        Word::TooManyInARow => {
            &["No more than {} equal characters in a row.", "Do not repeat a character more than {} times."]
        }
        Word::Reused => &["You have used this password before.", "Choose a password you haven't used recently."],
        Word::HasName => &["The password may not contain your name.", "Do not use your username in your password."],
        Word::ErrorLike => &[
            "Wrong password? You can reset it at any time.",
            "Error reports help us: tell us what went wrong.",
            "Your e-mail address is not verified yet.",
            "Invalid or expired invitations can be renewed by your friends.",
            "Warning: never give your code to anyone.",
            "Fields marked with * are required.",
        ],
        Word::Cookies => &["We use cookies to make this place nicer.", "Before you continue: your privacy choices."],
        Word::Accept => &["Accept all", "OK", "I agree"],
        Word::Reject => &["Reject all", "Only necessary ones"],
        Word::Toast => &["Ines and 3 others liked your post", "Try our new dark mode!"],
    }
}
