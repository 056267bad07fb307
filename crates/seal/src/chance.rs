use countersign_model::Chance;

/// The operating system's generator (getrandom(2)). The crypto library has one of its own on top of it, which first measures
/// the jitter of the processor's clock for some tens of milliseconds: longer than all else that a start takes.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) {
        // It fails only where the system has no such generator, and going on with a guessable key would be worse than stopping.
        getrandom::fill(bytes).expect("the system's source of randomness works");
    }
}
