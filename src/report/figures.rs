//! The charts of comparisons and of shared credit: what is drawn, from what was found.

use super::chart::{
    Acting, Figure, Forest, ForestRow, Side, Tornado, TornadoBar, Waterfall, WaterfallBar, write_figures,
};
use super::comparison::{ComparisonReport, cells_of};
use super::credit::CreditReport;
use super::folder::FolderError;
use super::words::Word;
use super::{Report, Selection};
use crate::experiment::{Difference, Effort, Estimate, Options, Until, estimates};
use crate::indicator::{Indicator, Scope, display_name, headline_corridors};
use crate::model::Model;
use crate::scenario::settings::Language;
use crate::units::SimTime;
use std::collections::BTreeMap;
use std::path::Path;

/// The indicators of corridors in a forest plot.
const IN_FOREST: [(&str, Word); 4] = [
    ("delivered_teu", Word::TeuDelivered),
    ("transit_days_mean", Word::MeanDoorToDoor),
    ("cost_per_teu", Word::CostPerTeu),
    ("co2e_kg_per_teu", Word::EmissionsPerTeu),
];

/// Comparisons with so many scenarios have a forest plot for each; of more, only the last has one.
const FORESTS: usize = 4;

/// The indicator of which measures are compared with one another, unless another is meant.
const OF_MEASURES: &str = "system.delivered_teu";

/// What an indicator measures, in words where there are some, and with its unit; of what it is, where it is not all.
pub(super) fn in_words(indicator: &Indicator, model: &Model, language: Language) -> String {
    let currency = &model.scenario.money.currency;
    let word = IN_FOREST.iter().find(|(name, _)| *name == indicator.name);
    let name = match (word, indicator.unit.replace("money", currency)) {
        (Some((_, Word::CostPerTeu)), _) => format!("{} ({currency})", Word::CostPerTeu.text(language)),
        (Some((_, word)), _) => word.text(language).to_owned(),
        (None, unit) if unit.is_empty() => indicator.name.clone(),
        (None, unit) => format!("{} [{unit}]", indicator.name),
    };
    match indicator.scope {
        Scope::System => name,
        scope => format!("{}: {name}", display_name(model, scope, &indicator.id, language)),
    }
}

impl ComparisonReport<'_> {
    /// Draws the charts into `folder`.
    ///
    /// # Errors
    /// When one cannot be drawn or written.
    pub fn write_charts(&self, folder: &Path) -> Result<(), FolderError> {
        let last = self.contenders.len() - 1;
        let first_forest = if last > FORESTS { last } else { 1 };
        let mut figures: Vec<Figure<'_>> = (first_forest..=last).map(|place| self.forest(place, last)).collect();
        if last > 2 {
            figures.push(Figure::Tornado("10-measures".to_owned(), self.tornado()));
        }
        let confidence = self.options.confidence;
        let options = Options {
            seed: self.options.seed,
            effort: Effort::Fixed(self.comparison.replications()),
            threads: None,
        };
        let selection = Selection::default();
        let both: [Vec<Estimate>; 2] = [0, last].map(|place| {
            estimates(
                &self.comparison.sides[place].aggregate,
                self.contenders[place].catalogue,
                confidence,
            )
        });
        let report = |place: usize, estimates| Report {
            model: self.contenders[place].model,
            catalogue: self.contenders[place].catalogue,
            aggregate: &self.comparison.sides[place].aggregate,
            estimates,
            warnings: &[],
            options: &options,
            language: self.language,
            selection: &selection,
            equilibrium: None,
            interrupted: self.comparison.interrupted,
            inputs: Vec::new(),
        };
        let (before, after) = (report(0, &both[0]), report(last, &both[1]));
        let acting = acting(after.model, self.language);
        let corridors = &before.model.network.tables.corridors;
        for number in headline_corridors(before.model) {
            let side = |place: usize, report| Side {
                label: self.contenders[place].name.clone(),
                report,
            };
            figures.push(Figure::Ribbon {
                name: format!("20-time-distance-{}", corridors[number]),
                before: side(0, &before),
                after: side(last, &after),
                corridor: number,
            });
            figures.push(Figure::Months {
                name: format!("30-months-{}", corridors[number]),
                before: side(0, &before),
                after: side(last, &after),
                corridor: number,
                acting: acting.clone(),
            });
        }
        write_figures(&figures, folder, self.language)
    }

    /// The differences of the contender at `place` in the headline corridors.
    fn forest(&self, place: usize, last: usize) -> Figure<'_> {
        let first = &self.contenders[0];
        let corridors = &first.model.network.tables.corridors;
        let mut rows = Vec::new();
        let currency = &first.model.scenario.money.currency;
        for (name, word) in IN_FOREST {
            let group = match word {
                Word::CostPerTeu => format!("{} ({currency})", word.text(self.language)),
                _ => word.text(self.language).to_owned(),
            };
            for number in headline_corridors(first.model) {
                let id = &corridors[number];
                let found = first.catalogue.number(Scope::Corridor, id, name);
                let Some(difference) = found.map(|found| &self.differences[place - 1][found]) else {
                    continue;
                };
                let label = display_name(first.model, Scope::Corridor, id, self.language);
                rows.extend(row(label, &group, difference));
            }
        }
        let confidence = format!("{:.0}", self.options.confidence * 100.0);
        let forest = Forest {
            title: Word::ComparedWith.filled(self.language, &[&self.contenders[place].name, &first.name]),
            subtitle: Word::RunLine.filled(
                self.language,
                &[&self.comparison.replications(), &self.options.seed, &confidence],
            ),
            axis: Word::ChangeAxis.text(self.language).to_owned(),
            rows,
        };
        let name = if place == last {
            "01-differences".to_owned()
        } else {
            format!("01-differences-{place}")
        };
        Figure::Forest(name, forest)
    }

    /// The effect of every contender but the last on the indicator that is meant, or on the volume of all corridors together.
    fn tornado(&self) -> Tornado {
        let first = &self.contenders[0];
        let meant = match &self.options.until {
            Until::Known { indicator, .. } => indicator,
            Until::Replications(_) => OF_MEASURES,
        };
        let number = first.catalogue.find(meant).unwrap_or(0);
        let bar = |place: usize| {
            let difference = &self.differences[place - 1][number];
            let interval = difference.paired.difference;
            let (low, high) = difference
                .effect
                .map_or((interval.lower, interval.upper), |effect| effect.band);
            TornadoBar {
                label: self.measure_alone(place),
                estimate: interval.estimate,
                low,
                high,
            }
        };
        let bars: Vec<TornadoBar> = (1..self.contenders.len() - 1).map(bar).collect();
        let banded = self.differences.iter().any(|all| all[number].effect.is_some());
        let band = if banded {
            Word::BandAsInputsVary
        } else {
            Word::BandAsInterval
        };
        Tornado {
            title: Word::MeasuresAlone.text(self.language).to_owned(),
            subtitle: band.text(self.language).to_owned(),
            axis: in_words(&first.catalogue.indicators[number], first.model, self.language),
            bars: bars
                .into_iter()
                .filter(|bar| bar.low.is_finite() && bar.high.is_finite())
                .collect(),
        }
    }

    /// What a contender is called that has a single measure.
    fn measure_alone(&self, place: usize) -> String {
        let contender = &self.contenders[place];
        let mut measures = contender.model.scenario.measures.iter();
        match (measures.next(), measures.next()) {
            (Some((id, measure)), None) => format!("{id}. {}", measure.name.get_or(self.language, id)),
            _ => contender.name.clone(),
        }
    }
}

/// A row of a forest plot, in per cent of the value before.
fn row(label: String, group: &str, difference: &Difference) -> Option<ForestRow> {
    let before = difference.paired.means.0.abs();
    let interval = difference.paired.difference;
    let share = |value: f64| 100.0 * value / before;
    let known = before > 0.0 && interval.lower.is_finite() && interval.upper.is_finite();
    known.then(|| ForestRow {
        label,
        group: group.to_owned(),
        estimate: share(interval.estimate),
        lower: share(interval.lower),
        upper: share(interval.upper),
        text: cells_of(difference)[2].clone(),
        significant: difference.significant,
    })
}

/// When each measure in force acts: from the first of its instruments to begin to the last to be at its full strength.
fn acting(model: &Model, language: Language) -> Vec<Acting> {
    let mut spans: BTreeMap<String, (SimTime, SimTime, SimTime)> = BTreeMap::new();
    for it in model.in_force() {
        let measure = &model.scenario.measures[&it.measure];
        if measure.instrument[&it.instrument].no_effect.is_some() {
            continue;
        }
        let span = spans.entry(it.measure).or_insert((it.from, it.full, it.until));
        *span = (span.0.min(it.from), span.1.max(it.full), span.2.max(it.until));
    }
    let of = |(id, (from, full, until)): (String, (SimTime, SimTime, SimTime))| Acting {
        label: format!("{id}. {}", model.scenario.measures[&id].name.get_or(language, &id)),
        from: from.hours(),
        full: full.hours(),
        until: (until < SimTime::NEVER).then(|| until.hours()),
    };
    let mut all: Vec<_> = spans.into_iter().collect();
    // Measures are called by numbers, which are not in order as texts.
    all.sort_by_key(|(id, _)| (id.parse::<u64>().unwrap_or(u64::MAX), id.clone()));
    all.into_iter().map(of).collect()
}

impl CreditReport<'_> {
    /// Draws the charts into `folder`.
    ///
    /// # Errors
    /// When one cannot be drawn or written.
    pub fn write_charts(&self, folder: &Path) -> Result<(), FolderError> {
        let bar = |measure: usize| {
            let share = self.credit.shares[measure];
            WaterfallBar {
                label: self.name(measure),
                share: share.estimate,
                lower: share.lower,
                upper: share.upper,
            }
        };
        let ends = [Word::BeforeColumn, Word::AfterColumn].map(|word| word.text(self.language).to_owned());
        let [before, after] = ends;
        let waterfall = Waterfall {
            title: Word::CreditTitle.filled(self.language, &[&self.what()]),
            subtitle: self.how(),
            axis: self.what(),
            before: (before, self.credit.ends.0.estimate),
            after: (after, self.credit.ends.1.estimate),
            bars: self.order().into_iter().map(bar).collect(),
        };
        let alone = |measure: usize| {
            let alone = self.credit.alone[measure];
            TornadoBar {
                label: self.name(measure),
                estimate: alone.estimate,
                low: alone.lower,
                high: alone.upper,
            }
        };
        let tornado = Tornado {
            title: Word::MeasuresAlone.text(self.language).to_owned(),
            subtitle: Word::BandAsInterval.text(self.language).to_owned(),
            axis: self.what(),
            bars: (0..self.measures.len()).map(alone).collect(),
        };
        let figures = [
            Figure::Waterfall("01-credit".to_owned(), waterfall),
            Figure::Tornado("02-alone".to_owned(), tornado),
        ];
        write_figures(&figures, folder, self.language)
    }
}
