//! Dimensions: what a quantity measures, and the units in which it may be written.

use std::fmt;
use std::hash::Hash;

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The currency called `code`: three capital letters, or RMB for CNY.
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        match &bytes {
            b"RMB" => Some(Self(*b"CNY")),
            letters if letters.iter().all(u8::is_ascii_uppercase) && !matches!(letters, b"TEU" | b"FEU") => {
                Some(Self(bytes))
            }
            _ => None,
        }
    }

    /// The code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Units with their size in the base unit, the base unit first.
pub type Units = &'static [(&'static str, f64)];

/// What a quantity measures.
pub trait Dimension: Clone + fmt::Debug + PartialEq + Send + Sync + 'static {
    /// The name of the type, for the schema.
    const ID: &'static str;
    /// In words, with its article: "a length of time".
    const NAME: &'static str;
    /// A well-written value.
    const EXAMPLE: &'static str;
    /// The units, the base unit first; behind a currency code when [`Dimension::MONEY`].
    const UNITS: Units;
    /// Whether a currency code leads the unit.
    const MONEY: bool = false;
    /// Whether a bare number is a value.
    const BARE: bool = false;
}

/// A dimension as the reference shows it.
pub(super) struct Described {
    /// In words.
    pub(super) name: &'static str,
    /// A well-written value.
    pub(super) example: &'static str,
    /// Its units.
    pub(super) units: Units,
    /// Whether a currency code leads the unit.
    pub(super) money: bool,
    /// Whether a bare number is a value.
    pub(super) bare: bool,
}

impl Described {
    fn of<D: Dimension>() -> Self {
        Self {
            name: D::NAME,
            example: D::EXAMPLE,
            units: D::UNITS,
            money: D::MONEY,
            bare: D::BARE,
        }
    }
}

/// Declares dimensions.
macro_rules! dimensions {
    ($($(#[$meta:meta])* $name:ident $words:literal, $example:literal,
        $([$($flag:ident),+])? { $($unit:literal = $factor:expr),+ $(,)? })+) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Debug)]
        pub struct $name;

        impl Dimension for $name {
            const ID: &'static str = stringify!($name);
            const NAME: &'static str = $words;
            const EXAMPLE: &'static str = $example;
            const UNITS: Units = &[$(($unit, $factor)),+];
            $($(const $flag: bool = true;)+)?
        }
    )+

        /// All dimensions, for the reference.
        pub(super) fn all() -> Vec<Described> {
            vec![$(Described::of::<$name>()),+]
        }
    };
}

dimensions! {
    /// Hours.
    Time "a length of time", "36 h", {
        "h" = 1.0, "hour" = 1.0, "hours" = 1.0, "min" = 1.0 / 60.0, "minutes" = 1.0 / 60.0, "s" = 1.0 / 3600.0,
        "d" = 24.0, "day" = 24.0, "days" = 24.0, "week" = 168.0, "weeks" = 168.0,
        "month" = 730.0, "months" = 730.0, "yr" = 8760.0, "year" = 8760.0, "years" = 8760.0,
    }
    /// Kilometres.
    Length "a distance", "1240 km", { "km" = 1.0, "m" = 0.001, "nm" = 1.852, "mi" = 1.609_344 }
    /// Kilometres an hour.
    Speed "a speed", "60 km/h", { "km/h" = 1.0, "kmh" = 1.0, "kn" = 1.852, "knots" = 1.852, "km/d" = 1.0 / 24.0, "km/day" = 1.0 / 24.0 }
    /// TEU; a cubic metre is 0.03 TEU (a twenty-foot container holds 33.2 m3, ISO 668 and 1496-1).
    Space "container space", "82 TEU", { "TEU" = 1.0, "FEU" = 2.0, "m3" = 0.03 }
    /// Tonnes.
    Mass "a mass", "1800 t", { "t" = 1.0, "kg" = 0.001, "kt" = 1000.0, "Mt" = 1e6 }
    /// Tonnes per TEU.
    Density "a load per container", "12.8 t/TEU", { "t/TEU" = 1.0, "t/FEU" = 0.5, "kg/TEU" = 0.001 }
    /// A number without unit, from zero to one when it is a share.
    Plain "a number", "0.35 or \"35 %\"", [BARE] { "" = 1.0, "%" = 0.01, "x" = 1.0, "factor" = 1.0, "share" = 1.0, "pp" = 0.01 }
    /// Per hour.
    Rate "how many in a time", "12 /d", {
        "/h" = 1.0, "/min" = 60.0, "/s" = 3600.0, "/d" = 1.0 / 24.0, "/day" = 1.0 / 24.0, "/week" = 1.0 / 168.0,
        "/month" = 1.0 / 730.0, "/yr" = 1.0 / 8760.0, "/year" = 1.0 / 8760.0,
        "trains/day" = 1.0 / 24.0, "trains/week" = 1.0 / 168.0, "trains/yr" = 1.0 / 8760.0,
        "trains/month" = 1.0 / 730.0, "sailings/week" = 1.0 / 168.0, "services/week" = 1.0 / 168.0, "per week" = 1.0 / 168.0,
    }
    /// TEU an hour.
    Flowrate "container space in a time", "12000 TEU/yr", {
        "TEU/h" = 1.0, "TEU/d" = 1.0 / 24.0, "TEU/day" = 1.0 / 24.0, "TEU/week" = 1.0 / 168.0,
        "TEU/month" = 1.0 / 730.0, "TEU/yr" = 1.0 / 8760.0, "TEU/year" = 1.0 / 8760.0,
        "m3/d" = 0.03 / 24.0, "m3/yr" = 0.03 / 8760.0,
    }
    /// Share a day.
    ShareRate "a share in a time", "0.5 %/d", {
        "/d" = 1.0, "%/d" = 0.01, "%/day" = 0.01, "%/month" = 0.01 * 24.0 / 730.0,
        "%/yr" = 0.01 / 365.0, "%/year" = 0.01 / 365.0,
    }
    /// Money per TEU.
    PricePerTeu "a price per container", "3289 USD/FEU", [MONEY] { "/TEU" = 1.0, "/FEU" = 0.5, "/m3" = 1.0 / 0.03 }
    /// Money per TEU and kilometre.
    PricePerTeuKm "a price per container and distance", "5.5 CNY/TEU/km", [MONEY] {
        "/TEU/km" = 1.0, "/FEU/km" = 0.5, "/TEU-km" = 1.0, "/FEU-km" = 0.5,
    }
    /// Money per TEU and day.
    PricePerTeuDay "a price per container and day", "12 USD/TEU/d", [MONEY] {
        "/TEU/d" = 1.0, "/FEU/d" = 0.5, "/TEU/day" = 1.0, "/FEU/day" = 0.5,
    }
    /// Money per consignment.
    PricePerConsignment "a price per consignment", "450 CNY/consignment", [MONEY] {
        "/consignment" = 1.0, "" = 1.0, "/declaration" = 1.0,
    }
    /// Money per tonne.
    ValuePerTonne "a value of goods", "18000 CNY/t", [MONEY] { "/t" = 1.0, "/kg" = 1000.0 }
    /// One over money.
    PerMoney "how much one unit of money counts", "0.004 /USD", [MONEY] { "" = 1.0 }
    /// Kilograms of CO2 equivalent per tonne-kilometre.
    EmissionIntensity "an emission intensity", "7.5 g/tkm", {
        "kg/tkm" = 1.0, "g/tkm" = 0.001, "gCO2e/tkm" = 0.001, "g/t-km" = 0.001, "kg/t-km" = 1.0,
        "gCO2e/t-km" = 0.001, "g CO2e/tkm" = 0.001, "g CO2e/t-km" = 0.001,
    }
    /// Kilograms of CO2 equivalent per tonne.
    EmissionPerTonne "an emission per tonne handled", "1.2 kg/t", {
        "kg/t" = 1.0, "g/t" = 0.001, "kgCO2e/t" = 1.0, "kg CO2e/t" = 1.0,
    }
}

/// A number with its unit, in the base unit of its dimension.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Measured {
    /// The number in the base unit; money in its own currency.
    pub number: f64,
    /// The currency, where the dimension has one.
    pub currency: Option<Currency>,
}

/// Reads "36 h", "3289 USD/FEU", "0.35".
///
/// # Errors
/// Says what is wrong and what would be right.
pub fn measure<D: Dimension>(text: &str) -> Result<Measured, (String, String)> {
    let text = text.trim();
    let wanted = || format!("write {}, like \"{}\"", D::NAME, D::EXAMPLE);
    let unit_at = text
        .find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | '_' | 'e' | 'E'))
        .unwrap_or(text.len());
    // "3 EUR" and "5e": an exponent needs digits, so a trailing e belongs to the unit.
    let digits = text[..unit_at].trim_end_matches(['e', 'E']);
    if comma_in_number(text) {
        return Err((format!("\"{text}\" has a comma in its number"), COMMA_REMEDY.to_owned()));
    }
    let number: f64 = digits
        .replace('_', "")
        .parse()
        .map_err(|_| (format!("\"{text}\" does not begin with a number"), wanted()))?;
    let unit = text[digits.len()..].trim();
    let (currency, rest) = if D::MONEY { split_currency(unit) } else { (None, unit) };
    let factor = D::UNITS
        .iter()
        .find(|(name, _)| *name == rest)
        .map(|(_, factor)| *factor);
    if !(number * factor.unwrap_or(1.0)).is_finite() {
        return Err((format!("{digits} is too large a number"), wanted()));
    }
    match factor {
        Some(factor) if !D::MONEY || currency.is_some() => {
            // Dividing by 60 or 100 is exact where multiplying by their rounded reciprocals is not.
            let number = if factor < 1.0 {
                number / (1.0 / factor)
            } else {
                number * factor
            };
            Ok(Measured { number, currency })
        }
        _ if unit.is_empty() => Err((format!("{text} has no unit"), wanted())),
        _ => {
            let units: Vec<&str> = D::UNITS
                .iter()
                .map(|(unit, _)| *unit)
                .filter(|unit| !unit.is_empty())
                .collect();
            let behind = if D::MONEY { ", behind a currency code" } else { "" };
            Err((
                format!("\"{unit}\" cannot be the unit of {}", D::NAME),
                format!("{}; units: {}{behind}", wanted(), units.join(", ")),
            ))
        }
    }
}

/// What to do about a comma in a number, which may be meant either way.
pub(super) const COMMA_REMEDY: &str = "write decimals with a point, like 1.5, and thousands without a sign, like 1500";

/// Whether `text` begins with a number in which commas stand, as in "1,5 h".
pub(super) fn comma_in_number(text: &str) -> bool {
    let number = text.trim_start_matches(['+', '-']);
    let end = number.find(|c: char| !c.is_ascii_digit() && !".,_".contains(c));
    let number = &number[..end.unwrap_or(number.len())];
    number.split(',').count() > 1
        && number
            .split(',')
            .all(|part| part.contains(|c: char| c.is_ascii_digit()))
}

/// Splits "USD/TEU" into the currency and "/TEU"; for [`PerMoney`] also "/USD".
fn split_currency(unit: &str) -> (Option<Currency>, &str) {
    let (code, rest) = match unit.strip_prefix('/') {
        Some(code) => (code, ""),
        None => unit.split_at(unit.find('/').unwrap_or(unit.len())),
    };
    (Currency::parse(code.trim()), rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> f64 {
        measure::<Time>(text).unwrap().number
    }

    #[test]
    fn numbers_with_units() {
        assert_eq!(hours("36 h"), 36.0);
        assert_eq!(hours("1.5d"), 36.0);
        assert_eq!(hours("90 min"), 1.5);
        assert!((measure::<Length>("5602 nm").unwrap().number - 10_374.904).abs() < 1e-9);
        assert_eq!(measure::<Plain>("35 %").unwrap().number, 0.35);
        assert_eq!(measure::<Plain>("1e3").unwrap().number, 1000.0);
        assert_eq!(measure::<Rate>("12 /d").unwrap().number, 0.5);
    }

    #[test]
    fn money_keeps_its_currency() {
        let price = measure::<PricePerTeu>("3289 USD/FEU").unwrap();
        assert_eq!((price.number, price.currency), (1644.5, Currency::parse("USD")));
        assert_eq!(
            measure::<PricePerTeu>("500 RMB/TEU").unwrap().currency,
            Currency::parse("CNY")
        );
        assert_eq!(
            measure::<PricePerConsignment>("3 EUR").unwrap().currency,
            Currency::parse("EUR")
        );
        assert_eq!(
            measure::<PerMoney>("0.004 /USD").unwrap().currency,
            Currency::parse("USD")
        );
    }

    #[test]
    fn wrong_units_are_explained() {
        let (message, remedy) = measure::<Length>("24 h").unwrap_err();
        assert_eq!(message, "\"h\" cannot be the unit of a distance");
        assert!(remedy.contains("like \"1240 km\""), "{remedy}");
        assert_eq!(measure::<Time>("24").unwrap_err().0, "24 has no unit");
        assert!(measure::<Time>("soon").is_err());
        assert!(measure::<PricePerTeu>("30 /TEU").is_err());
    }
}
