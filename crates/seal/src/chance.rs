use aws_lc_rs::rand;
use countersign_model::Chance;

/// The crypto library's generator, seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) {
        // The library reseeds by itself and aborts the process when the system has no randomness; an error here
        // would mean that it is broken, and going on with a guessable key would be worse than stopping.
        rand::fill(bytes).expect("the system's source of randomness works");
    }
}
