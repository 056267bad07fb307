//! One `otpauth://` URL in each line, every parameter written out.

use super::fit::Fit;
use super::page::Page;
use super::{ExportFormat, Exported};

pub(super) fn write(accounts: &[Fit<'_>], exported: &mut Exported) {
    let mut page = Page::default();
    for account in accounts {
        if let Some(secret) = account.secret {
            page.push(secret.to_uri(&account.label).expose());
            page.push(b"\n");
            exported.count_all_but_seed(account);
        }
    }
    exported.add_file(ExportFormat::Otpauth, page.into_bytes());
}
