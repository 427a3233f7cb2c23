//! Marks that stand for estimates and their intervals, and how changes are written: with their sign.

use super::font::width_of;
use super::frame::number;
use super::palette::{BLACK, BLUE, Colour, Fill, Hatch, INK, ORANGE, SOFT_INK, SOLID, WHITE, fill};
use super::sheet::{BODY, Point, SMALL, Sheet, Style};
use crate::scenario::settings::Language;

/// Half the size of a mark.
const RADIUS: f64 = 11.0;
/// Space between a number and its interval.
const GAP: f64 = 14.0;

/// What an estimate is drawn as. Shapes differ, and full from hollow, so that no mark needs its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    /// A full disc.
    Full,
    /// A ring.
    Hollow,
    /// A full diamond.
    Diamond,
}

impl Sheet<'_> {
    /// A mark at a point.
    pub(super) fn mark(&self, mark: Mark, (x, y): Point, colour: Colour) {
        match mark {
            Mark::Full => self.disc((x, y), RADIUS, colour),
            Mark::Hollow => {
                self.disc((x, y), RADIUS, colour);
                self.disc((x, y), RADIUS - 5.0, WHITE);
            }
            Mark::Diamond => {
                let diamond = |size: f64| [(x, y - size), (x + size, y), (x, y + size), (x - size, y)];
                self.polygon(&diamond(RADIUS + 5.0), WHITE);
                self.polygon(&diamond(RADIUS + 2.0), colour);
            }
        }
    }

    /// An arrow's head with its tip at a point; it says that what is meant lies further on. Hollow ones stand for what
    /// hollow marks do.
    pub(super) fn arrow_head(&self, (x, y): Point, points_right: bool, mark: Mark, colour: Colour) {
        let back = |length: f64| if points_right { x - length } else { x + length };
        let head = |tip: f64, end: f64, half: f64| [(back(tip), y), (back(end), y - half), (back(end), y + half)];
        self.polygon(&head(0.0, 26.0, 14.0), colour);
        if mark == Mark::Hollow {
            self.polygon(&head(9.0, 22.0, 7.0), WHITE);
        }
    }

    /// A whisker between two ends at height `y`.
    pub(super) fn whisker(&self, [low, high]: [f64; 2], y: f64, colour: Colour) {
        self.line(&[(low, y), (high, y)], colour, 3, SOLID);
        for end in [low, high] {
            self.line(&[(end, y - 10.0), (end, y + 10.0)], colour, 3, SOLID);
        }
    }

    /// A number with its interval behind it, on a white ground.
    pub(super) fn measured_text(&self, (value, interval): (&str, &str), (x, y): Point) {
        self.text_on_grid(value, (x, y), Style::new(BODY, INK));
        let behind = (x + width_of(value, BODY) + GAP, y);
        if !interval.is_empty() {
            self.text_on_grid(interval, behind, Style::new(SMALL, SOFT_INK));
        }
    }
}

/// The width of a number with its interval behind it.
pub(super) fn measured_width((value, interval): (&str, &str)) -> f64 {
    let behind = if interval.is_empty() {
        0.0
    } else {
        GAP + width_of(interval, SMALL)
    };
    width_of(value, BODY) + behind
}

/// A change, which says whether it is one for more.
pub(super) fn signed(value: f64, digits: usize) -> String {
    let text = number(value, digits);
    let is_more = value > 0.0 && text.chars().any(|c| ('1'..='9').contains(&c));
    if is_more { format!("+{text}") } else { text }
}

/// Both ends of the interval of a change; nothing where there is none.
pub(super) fn signed_interval([low, high]: [f64; 2], digits: usize, language: Language) -> String {
    if !(low.is_finite() && high.is_finite()) {
        return String::new();
    }
    let (low, high) = (signed(low, digits), signed(high, digits));
    match language {
        Language::En => format!("({low} to {high})"),
        Language::Zh => format!("（{low} 至 {high}）"),
    }
}

/// Digits behind the point with which the largest of some changes shows three figures.
pub(super) fn digits_of(changes: impl Iterator<Item = f64>) -> usize {
    let largest = changes.filter(|it| it.is_finite()).map(f64::abs).fold(0.0, f64::max);
    if largest > 0.0 {
        (2.0 - largest.log10().floor()).clamp(0.0, 4.0) as usize
    } else {
        0
    }
}

/// The colour of whiskers on bars.
pub(super) const WHISKER: Colour = BLACK;
/// The colour of what steps back: what is not significant, or what comes before.
pub(super) const PALE: Colour = (110, 110, 110);
/// A change for more.
pub(super) const MORE: Fill = fill(BLUE, Hatch::None);
/// A change for less.
pub(super) const LESS: Fill = fill(ORANGE, Hatch::Rising);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_have_signs_and_nothing_has_none() {
        assert_eq!(
            [1_073.0, -1_073.0, 0.2, -0.2].map(|it| signed(it, 0)),
            ["+1,073", "−1,073", "0", "0"]
        );
        assert_eq!(
            signed_interval([-0.25, 1.5], 1, Language::En),
            "(−0.2 to +1.5)",
            "both ends have their signs"
        );
        assert_eq!(signed_interval([f64::NAN, 1.0], 1, Language::En), "");
    }

    #[test]
    fn the_largest_change_has_three_figures() {
        let digits = |changes: &[f64]| digits_of(changes.iter().copied());
        assert_eq!(digits(&[1_073.0, 0.2]), 0);
        assert_eq!(digits(&[-10.73, f64::NAN]), 1);
        assert_eq!(digits(&[0.0107]), 4);
        assert_eq!(digits(&[]), 0);
    }
}
