//! Colours, hatches and dashes that can be told apart by the colour-blind and on grey paper.
//!
//! The colours are those of Okabe and Ito (2008). Colour never carries meaning alone: fills have hatches, lines dashes.

/// A colour, red, green, blue.
pub(super) type Colour = (u8, u8, u8);

pub(super) const BLACK: Colour = (0, 0, 0);
pub(super) const WHITE: Colour = (255, 255, 255);
pub(super) const INK: Colour = (34, 34, 34);
pub(super) const SOFT_INK: Colour = (85, 85, 85);
pub(super) const GRID: Colour = (222, 222, 222);
pub(super) const FRAME: Colour = (150, 150, 150);
pub(super) const LAND: Colour = (238, 234, 224);
pub(super) const SEA: Colour = (219, 231, 240);
pub(super) const COAST: Colour = (178, 178, 170);
pub(super) const BLUE: Colour = (0, 114, 178);
pub(super) const VERMILION: Colour = (213, 94, 0);
pub(super) const GREEN: Colour = (0, 158, 115);
pub(super) const PURPLE: Colour = (204, 121, 167);
pub(super) const ORANGE: Colour = (230, 159, 0);
pub(super) const SKY: Colour = (86, 180, 233);
pub(super) const YELLOW: Colour = (240, 228, 66);

/// How an area is filled over its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hatch {
    /// Colour alone.
    None,
    /// Lines that rise to the right.
    Rising,
    /// Lines that fall to the right.
    Falling,
    /// Both.
    Crossed,
    /// Horizontal lines.
    Level,
}

/// A fill.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fill {
    /// Its colour.
    pub(super) colour: Colour,
    /// What is drawn over it.
    pub(super) hatch: Hatch,
}

pub(super) const fn fill(colour: Colour, hatch: Hatch) -> Fill {
    Fill { colour, hatch }
}

/// Fills of the components of time, in their order.
pub(super) const COMPONENTS: [Fill; 12] = [
    fill(BLUE, Hatch::None),
    fill(SKY, Hatch::None),
    fill(SKY, Hatch::Crossed),
    fill(PURPLE, Hatch::Rising),
    fill(ORANGE, Hatch::Rising),
    fill(GREEN, Hatch::None),
    fill(VERMILION, Hatch::None),
    fill(YELLOW, Hatch::Falling),
    fill((190, 190, 190), Hatch::Level),
    fill((70, 70, 70), Hatch::None),
    fill(PURPLE, Hatch::None),
    fill(YELLOW, Hatch::None),
];

/// Fill of a whole beside its parts.
pub(super) const WHOLE: Fill = fill((120, 120, 120), Hatch::None);

/// Fills of parts that follow each other, such as the legs of a route.
pub(super) const PARTS: [Fill; 8] = [
    fill(BLUE, Hatch::None),
    fill(ORANGE, Hatch::Rising),
    fill(GREEN, Hatch::None),
    fill(PURPLE, Hatch::Falling),
    fill(SKY, Hatch::None),
    fill(VERMILION, Hatch::Level),
    fill((190, 190, 190), Hatch::None),
    fill(YELLOW, Hatch::Crossed),
];

/// Lengths of the strokes and gaps of a line; empty for a solid one.
pub(super) type Dash = &'static [f64];

pub(super) const SOLID: Dash = &[];

/// How a corridor is drawn.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Strand {
    /// Its colour.
    pub(super) colour: Colour,
    /// Its line.
    pub(super) dash: Dash,
}

const STRANDS: [Strand; 7] = [
    Strand {
        colour: BLUE,
        dash: SOLID,
    },
    Strand {
        colour: VERMILION,
        dash: &[26.0, 10.0],
    },
    Strand {
        colour: GREEN,
        dash: &[8.0, 8.0],
    },
    Strand {
        colour: PURPLE,
        dash: &[34.0, 10.0, 8.0, 10.0],
    },
    Strand {
        colour: ORANGE,
        dash: &[16.0, 6.0],
    },
    Strand {
        colour: SKY,
        dash: &[40.0, 14.0],
    },
    Strand {
        colour: (110, 110, 110),
        dash: &[26.0, 8.0, 8.0, 8.0, 8.0, 8.0],
    },
];

/// How corridor `number` is drawn; where there are more than colours, they begin again with other lines.
pub(super) fn corridor(number: usize) -> Strand {
    let (round, place) = (number / STRANDS.len(), number % STRANDS.len());
    Strand {
        dash: STRANDS[(place + 2 * round) % STRANDS.len()].dash,
        ..STRANDS[place]
    }
}

/// A colour between `colour` and white; `share` of the first.
pub(super) fn tint(colour: Colour, share: f64) -> Colour {
    let mix = |part: u8| (f64::from(part) * share + 255.0 * (1.0 - share)).round() as u8;
    (mix(colour.0), mix(colour.1), mix(colour.2))
}

/// Black or white, whichever can be read on `colour`.
pub(super) fn ink_on(colour: Colour) -> Colour {
    let light = 0.299 * f64::from(colour.0) + 0.587 * f64::from(colour.1) + 0.114 * f64::from(colour.2);
    if light > 140.0 { BLACK } else { WHITE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_of_many_corridors_look_alike() {
        for number in 0..STRANDS.len() * STRANDS.len() {
            for other in 0..number {
                assert_ne!(corridor(number), corridor(other), "{number} and {other}");
            }
        }
    }
}
