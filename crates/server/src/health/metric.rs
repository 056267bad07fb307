use std::collections::BTreeMap;

use countersign_model::ChangeState;
use countersign_vault::SinkFigures;
use metrics::{Counter, Gauge, Key, Label, Level, Metadata, Recorder as _, SharedString, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use parking_lot::Mutex;

static METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// The figures that the server keeps. Its own recorder, not the process's, so that two servers in one test do not mix.
pub(crate) struct Metrics {
    handle: PrometheusHandle,
    token_reads: Counter,
    reveals: Counter,
    sign_in_failures: Counter,
    changes_waiting: Gauge,
    changes_open: Vec<(ChangeState, Gauge)>,
    recorder: PrometheusRecorder,
    /// Destinations of the audit log that were ever counted, by name.
    sinks: Mutex<BTreeMap<String, [Gauge; 3]>>,
}

impl Default for Metrics {
    fn default() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let counter = |name: &'static str, help: &'static str| {
            recorder.describe_counter(name.into(), Some(Unit::Count), SharedString::from(help));
            recorder.register_counter(&Key::from_static_name(name), &METADATA)
        };
        let waiting = "countersign_changes_waiting";
        let help = SharedString::from("Password changes that wait for a person");
        recorder.describe_gauge(waiting.into(), Some(Unit::Count), help);
        let open = "countersign_changes_open";
        let help = SharedString::from("Password changes that have not ended, by their state");
        recorder.describe_gauge(open.into(), Some(Unit::Count), help);
        let gauge = |state: ChangeState| {
            let labels = vec![Label::from_static_parts("state", state.name())];
            (state, recorder.register_gauge(&Key::from_parts(open, labels), &METADATA))
        };
        Self {
            changes_open: ChangeState::ALL.into_iter().filter(|state| !state.is_end()).map(gauge).collect(),
            changes_waiting: recorder.register_gauge(&Key::from_static_name(waiting), &METADATA),
            token_reads: counter("countersign_token_reads_total", "Tokens handed out"),
            reveals: counter("countersign_password_reveals_total", "Passwords handed out"),
            sign_in_failures: counter("countersign_sign_in_failures_total", "Sign-ins that failed"),
            handle: recorder.handle(),
            sinks: Mutex::default(),
            recorder,
        }
    }
}

impl Metrics {
    pub(crate) fn token_read(&self) {
        self.token_reads.increment(1);
    }

    pub(crate) fn password_revealed(&self) {
        self.reveals.increment(1);
    }

    pub(crate) fn sign_in_failed(&self) {
        self.sign_in_failures.increment(1);
    }

    /// `counts`: how many have not ended, by their state; those that are not named are none.
    pub(crate) fn changes_open(&self, counts: &[(ChangeState, u32)]) {
        let count = |state| counts.iter().find(|(named, _)| *named == state).map_or(0, |(_, count)| *count);
        for (state, gauge) in &self.changes_open {
            gauge.set(f64::from(count(*state)));
        }
        self.changes_waiting.set(f64::from(count(ChangeState::WaitingForAPerson)));
    }

    /// How far each destination of the audit log is; those that are gone are not behind.
    pub(crate) fn sinks(&self, figures: &[SinkFigures]) {
        const NAMES: [(&str, &str); 3] = [
            ("countersign_audit_sink_behind_records", "Records of the audit log that a destination has not taken"),
            ("countersign_audit_sink_behind_seconds", "How old the first of them is"),
            ("countersign_audit_sink_failing", "Whether the last try to send to a destination failed"),
        ];
        let mut known = self.sinks.lock();
        for figure in figures {
            known.entry(figure.name.clone()).or_insert_with(|| {
                NAMES.map(|(name, help)| {
                    self.recorder.describe_gauge(name.into(), None, SharedString::from(help));
                    let labels = vec![Label::new("sink", figure.name.clone())];
                    self.recorder.register_gauge(&Key::from_parts(name, labels), &METADATA)
                })
            });
        }
        for (name, gauges) in known.iter() {
            let figure = figures.iter().find(|figure| figure.name == *name);
            let values = figure.map_or([0, 0, 0], |it| [it.behind, it.behind_seconds, u64::from(it.failing)]);
            for (gauge, value) in gauges.iter().zip(values) {
                gauge.set(f64::from(u32::try_from(value).unwrap_or(u32::MAX)));
            }
        }
    }

    pub(crate) fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }
}
