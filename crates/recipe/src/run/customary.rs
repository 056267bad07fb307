//! Where pages customarily are: asked for one by one when nothing on a site's own pages leads to them.

use url::Url;

use super::candidates::Goal;

/// Paths that frameworks and many sites use, the commonest first. The first leads to the sign-in page when nobody is in.
const SIGN_IN: &[&str] = &[
    ".well-known/change-password",
    "login",
    "accounts/login/",
    "account/login/",
    "users/sign_in",
    "signin",
    "sign-in",
    "auth/login",
    "user/login",
    "session/new",
    "Identity/Account/Login",
    "admin/",
    "wp-login.php",
    "app/",
    "ui/",
];
const CHANGE: &[&str] = &[
    "settings/security",
    "settings/password",
    "settings/account",
    "settings",
    "account/security",
    "account/password",
    "account",
    "accounts/password/change/",
    "account/password/change/",
    "password_change/",
    "change-password",
    "profile",
    "users/edit",
    "user/settings",
    "Identity/Account/Manage/ChangePassword",
    "admin/",
    "admin/password_change/",
];

/// The customary addresses of a site: beneath the address that is known, then at its root.
pub(crate) fn customary(goal: Goal, address: &str) -> Vec<String> {
    let paths = match goal {
        Goal::SignIn => SIGN_IN,
        Goal::Change => CHANGE,
    };
    let Ok(known) = Url::parse(address) else { return Vec::new() };
    let Ok(root) = known.join("/") else { return Vec::new() };
    let Ok(folder) = known.join(".") else { return Vec::new() };
    let mut bases = vec![root];
    if folder.path() != "/" {
        bases.insert(0, folder);
    }
    let at = |base: &Url| paths.iter().filter_map(|path| base.join(path).ok().map(String::from)).collect::<Vec<_>>();
    bases.iter().flat_map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beneath_the_known_address_first() {
        let plain = customary(Goal::SignIn, "http://127.0.0.1:1/?x=1#y");
        assert_eq!(plain[1], "http://127.0.0.1:1/login");
        assert_eq!(plain.len(), SIGN_IN.len());
        let beneath = customary(Goal::Change, "https://example.org/shop/index.php");
        assert_eq!(beneath[0], "https://example.org/shop/settings/security");
        assert_eq!(beneath[CHANGE.len()], "https://example.org/settings/security");
        assert!(customary(Goal::Change, "nothing").is_empty());
    }
}
