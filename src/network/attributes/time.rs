//! What time costs.

/// What transit time and its spread cost a TEU of some cargo, in the reporting currency.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CostOfTime {
    /// Of an hour.
    pub(super) hourly: f64,
    /// Of an hour of standard deviation, over that of an hour.
    pub(super) reliability_ratio: f64,
    /// Hours that the goods keep, and what they are worth until then.
    pub(super) perishing: Option<(f64, f64)>,
}

impl CostOfTime {
    /// The cost of an expected time, in hours, and its variance; goods that come too late, which happens as often as under
    /// a normal distribution, are worth nothing.
    pub fn of(&self, hours: f64, variance: f64) -> f64 {
        let deviation = variance.max(0.0).sqrt();
        let perished = self.perishing.map_or(0.0, |(life, worth)| {
            let late = if deviation > 0.0 {
                libm::erfc((life - hours) / deviation * std::f64::consts::FRAC_1_SQRT_2) / 2.0
            } else {
                f64::from(hours > life)
            };
            worth * late
        });
        self.hourly * (hours + self.reliability_ratio * deviation) + perished
    }
}
