//! `Emulation`: how a browser presents itself, and the size of its windows and screens.

use countersign_snapshot::Size;
use serde::Serialize;

use super::command::command;

#[derive(Serialize)]
pub(crate) struct SetFocusEmulationEnabled {
    pub(crate) enabled: bool,
}
command!(SetFocusEmulationEnabled, "Emulation.setFocusEmulationEnabled");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetUserAgentOverride<'a> {
    pub(crate) user_agent: &'a str,
    pub(crate) accept_language: &'a str,
}
command!(SetUserAgentOverride<'a>, "Emulation.setUserAgentOverride");

#[derive(Serialize)]
pub(crate) struct SetLocaleOverride<'a> {
    /// As ICU writes it, such as `en_US`.
    pub(crate) locale: &'a str,
}
command!(SetLocaleOverride<'a>, "Emulation.setLocaleOverride");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetTimezoneOverride<'a> {
    pub(crate) timezone_id: &'a str,
}
command!(SetTimezoneOverride<'a>, "Emulation.setTimezoneOverride");

/// The size of a window's content, in CSS pixels.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetDeviceMetricsOverride {
    width: u32,
    height: u32,
    device_scale_factor: f64,
    mobile: bool,
}
command!(SetDeviceMetricsOverride, "Emulation.setDeviceMetricsOverride");

impl SetDeviceMetricsOverride {
    pub(crate) const fn of(size: Size, scale: f64) -> Self {
        Self { width: size.w, height: size.h, device_scale_factor: scale, mobile: false }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddScreen {
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) device_pixel_ratio: f64,
}
command!(AddScreen, "Emulation.addScreen");

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cdp::command::json_of;

    #[test]
    fn commands_have_the_protocols_form() {
        let screen = AddScreen { left: 10_000, top: 0, width: 5120, height: 3200, device_pixel_ratio: 1.5 };
        for ((method, found), expected_method, expected) in [
            (
                json_of(&SetFocusEmulationEnabled { enabled: true }),
                "Emulation.setFocusEmulationEnabled",
                json!({"enabled": true}),
            ),
            (
                json_of(&SetUserAgentOverride { user_agent: "u", accept_language: "en-US,en;q=0.9" }),
                "Emulation.setUserAgentOverride",
                json!({"userAgent": "u", "acceptLanguage": "en-US,en;q=0.9"}),
            ),
            (
                json_of(&SetLocaleOverride { locale: "en_US" }),
                "Emulation.setLocaleOverride",
                json!({"locale": "en_US"}),
            ),
            (
                json_of(&SetTimezoneOverride { timezone_id: "UTC" }),
                "Emulation.setTimezoneOverride",
                json!({"timezoneId": "UTC"}),
            ),
            (
                json_of(&SetDeviceMetricsOverride::of(Size { w: 1280, h: 900 }, 2.0)),
                "Emulation.setDeviceMetricsOverride",
                json!({"width": 1280, "height": 900, "deviceScaleFactor": 2.0, "mobile": false}),
            ),
            (
                json_of(&screen),
                "Emulation.addScreen",
                json!({"left": 10_000, "top": 0, "width": 5120, "height": 3200, "devicePixelRatio": 1.5}),
            ),
        ] {
            assert_eq!((method, found), (expected_method, expected));
        }
    }
}
