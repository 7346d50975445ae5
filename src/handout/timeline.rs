//! The days of a handout as a picture, and the same in words for whoever does not see it.

use maud::{Markup, html as page};

use super::Milestone;
use super::html::shown;
use super::words::Words;
use crate::date::Date;

/// The size of the picture, in its own units: a phone shows them as they are.
const WIDTH: i32 = 340;
const HEIGHT: i32 = 104;
const MARGIN: i32 = 44;
/// Two labels above the line, or two below it, do not meet.
const APART: i32 = 42;
/// More do not fit.
const MOST: usize = 7;

/// The timeline; none where there are not two days.
pub(super) fn svg(milestones: &[Milestone], words: &Words) -> Option<Markup> {
    let shown_days = &milestones[..milestones.len().min(MOST)];
    let places = places(&shown_days.iter().map(|one| one.day).collect::<Vec<_>>())?;
    let middle = HEIGHT / 2;
    let in_words: Vec<String> = shown_days.iter().map(|one| in_words(one, words)).collect();
    let text = format!("{}: {}", words.timeline, in_words.join("; "));
    let labels = shown_days.iter().zip(&places).enumerate().map(|(at, (one, x))| {
        let short = words.short_date(one.day);
        let lines = [Some(one.what.clone()), Some(short), one.to_be_confirmed.then(|| words.to_confirm.to_owned())];
        let lines: Vec<String> = lines.into_iter().flatten().collect();
        let first = if at % 2 == 0 { middle - 10 - 11 * (crate::narrow::i32(lines.len()) - 1) } else { middle + 18 };
        (one, *x, first, lines)
    });
    Some(page! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-labelledby="timeline" xmlns="http://www.w3.org/2000/svg" {
            title id="timeline" { (shown(&text)) }
            line x1="8" y1=(middle) x2=(WIDTH - 8) y2=(middle) stroke="#000" stroke-width="2" {}
            @for (one, x, first, lines) in labels {
                // A ring is a day that is to be confirmed; a dot is sure.
                circle cx=(x) cy=(middle) r="5" stroke="#000" stroke-width="2" fill=(if one.to_be_confirmed { "#fff" } else { "#000" }) {}
                @for (at, line) in lines.iter().enumerate() {
                    text x=(x) y=(first + 11 * crate::narrow::i32(at)) font-size="9.5" text-anchor="middle" fill="#000" { (shown(line)) }
                }
            }
        }
    })
}

fn in_words(one: &Milestone, words: &Words) -> String {
    let date = words.date(one.day);
    match one.to_be_confirmed {
        true => format!("{}, {date} ({})", one.what, words.to_be_confirmed),
        false => format!("{}, {date}", one.what),
    }
}

/// Where the days lie: to scale, as far as their labels leave room.
fn places(days: &[Date]) -> Option<Vec<i32>> {
    let (first, last) = (*days.first()?, *days.last()?);
    let whole = last.days_since(first).filter(|days| *days > 0)?;
    let to_scale = |day: &Date| {
        let part = i64::from(day.days_since(first).unwrap_or(0)) * i64::from(WIDTH - 2 * MARGIN) / i64::from(whole);
        MARGIN + i32::try_from(part).unwrap_or(0)
    };
    let mut places: Vec<i32> = days.iter().map(to_scale).collect();
    for at in 1..places.len() {
        places[at] = places[at].max(places[at - 1] + APART);
    }
    // What was pushed over the end comes back.
    let mut end = WIDTH - MARGIN;
    for place in places.iter_mut().rev() {
        *place = (*place).min(end);
        end = *place - APART;
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_lie_in_order_and_apart_and_in_the_picture() {
        let day = |at: i32| Date::from_day(20_000 + at);
        for days in [vec![0, 1], vec![0, 1, 2, 3, 400, 401, 402], vec![0, 28, 56, 84, 112, 140, 168], vec![0, 0, 1]] {
            let days: Vec<Date> = days.into_iter().map(day).collect();
            let places = places(&days).expect("places");
            assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= APART), "{places:?}");
            assert!(places.iter().all(|x| (MARGIN..=WIDTH - MARGIN).contains(x)), "{places:?}");
        }
        assert_eq!(places(&[day(0)]), None);
    }
}
