//! Disruptions beyond the catalogue of validation cases: correlated impacts, slow-downs, dear passage, diversions, goods
//! that spoil, and the split of time by place and cause.

use crate::support::{Results, run_text};
use corridor::indicator::{Component, Scope, Whose};
use corridor::model::Cause;
use corridor::model::plan::Residual;
use corridor::random::{Family, Sampler, TableStore};
use corridor::units::SimSpan;

fn near(value: f64, expected: f64) {
    assert!(
        (value - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        "{value} instead of {expected}"
    );
}

/// Whether a simulated value is within 3.5 standard errors of theory, and the interval narrow enough to tell.
fn agrees(results: &Results, key: &str, theory: f64, relative: f64) {
    let it = results.estimate(key);
    let errors = (it.interval.estimate - theory).abs() / it.standard_error;
    assert!(
        errors <= 3.5,
        "{key}: {} instead of {theory}, {errors:.1} SE",
        it.interval.estimate
    );
    assert!(
        it.interval.half_width() <= relative * theory,
        "{key}: ±{}",
        it.interval.half_width()
    );
}

/// One run from midnight of 1 January 2024, of consignments generated at listed hours.
fn listed(run: &str, rest: &str) -> Results {
    run_text(&format!(
        "[run]\nstart = \"2024-01-01\"\nwarm_up = \"0 d\"\nlength = \"100 d\"\nreplications = 2\n{run}\n{rest}"
    ))
}

#[test]
fn what_one_event_hits_is_closed_together() {
    let results = run_text(
        r#"
[run]
warm_up = "1000 d"
length = "100000 d"
replications = 40
[link.a]
time = "0 h"
[link.b]
time = "0 h"
[link.c]
time = "0 h"
[disruption.typhoon]
after.exponential = { mean = "90 d" }
lasts.exponential = { mean = "10 d" }
hits = ["link.a"]
[disruption.typhoon.impact.half]
hits = ["link.b"]
probability = 0.5
[disruption.typhoon.impact.later]
hits = ["link.c"]
lag = "2 d"
lasts_factor = 2
[flow.probe]
arrivals.poisson = "1 /d"
route = ["link.a", "link.b"]
[flow.third]
arrivals.poisson = "0.1 /d"
route = ["link.c"]
"#,
    );
    // A cycle lasts 90 + 2 + 20 days: the next event waits for the last impact.
    agrees(&results, "disruption.typhoon.active_share", 22.0 / 112.0, 0.02);
    agrees(&results, "link.a.open_share", 1.0 - 10.0 / 112.0, 0.01);
    agrees(&results, "link.b.open_share", 1.0 - 5.0 / 112.0, 0.01);
    agrees(&results, "link.c.open_share", 1.0 - 20.0 / 112.0, 0.01);
    // Whoever has waited at the first finds the second open: they close together. Independent ones would cost half a day more.
    agrees(&results, "flow.probe.transit_days_mean", 100.0 / 112.0, 0.04);
    let cycles = 100_000.0 / 112.0;
    agrees(&results, "disruption.typhoon.events", cycles, 0.02);
}

#[test]
fn an_impact_disturbs_no_other() {
    let text = |more: &str| {
        format!(
            "[run]\nlength = \"4000 d\"\nreplications = 2\n[link.a]\ntime = \"1 d\"\n[link.b]\ntime = \"1 d\"\n\
             [disruption.storm]\nafter.exponential = {{ mean = \"9 d\" }}\nlasts.uniform = {{ min = \"1 d\", max = \"3 d\" }}\n\
             hits = [\"link.a\"]\n{more}\n[flow.x]\narrivals.poisson = \"2 /d\"\nroute = [\"link.a\"]\n\
             [flow.y]\narrivals.poisson = \"2 /d\"\nroute = [\"link.b\"]\n"
        )
    };
    let alone = run_text(&text(""));
    let both = run_text(&text(
        "[disruption.storm.impact.other]\nhits = [\"link.b\"]\nprobability = 0.3\n",
    ));
    for name in ["transit_days_mean", "transit_days_sd", "transit_days_max"] {
        let key = format!("flow.x.{name}");
        assert_eq!(alone.value(&key).to_bits(), both.value(&key).to_bits(), "{key}");
    }
    assert!(both.value("flow.y.transit_days_mean") > alone.value("flow.y.transit_days_mean"));
}

#[test]
fn slowed_at_entry_and_slowed_en_route_differ() {
    let of = |rule: &str| {
        listed(
            "",
            &format!(
                "[link.long]\ntime = \"20 d\"\n[link.short]\ntime = \"2 d\"\n\
                 [disruption.fog]\nhits = [\"link.*\"]\nspeed_factor = 0.5\n{rule}\n\
                 from_date = \"2024-01-06\"\nuntil_date = \"2024-01-16\"\n\
                 [flow.before]\narrivals.listed = [\"0 h\"]\nroute = [\"link.long\"]\n\
                 [flow.within]\narrivals.listed = [\"240 h\"]\nroute = [\"link.long\"]\n\
                 [flow.inside]\narrivals.listed = [\"240 h\"]\nroute = [\"link.short\"]\n\
                 [flow.across]\narrivals.listed = [\"348 h\"]\nroute = [\"link.short\"]\n"
            ),
        )
    };
    let entry = of("");
    let en_route = of("rule = \"slowed-en-route\"");
    for (flow, at_entry, under_way) in [
        // Five days done, five more in ten days of fog, ten left.
        ("before", 20.0, 25.0),
        // Five days of fog for two and a half.
        ("within", 40.0, 22.5),
        ("inside", 4.0, 4.0),
        // Half a day of fog.
        ("across", 4.0, 2.25),
    ] {
        let days = |results: &Results, name: &str| results.value(&format!("flow.{flow}.{name}"));
        near(days(&entry, "transit_days_mean"), at_entry);
        near(days(&en_route, "transit_days_mean"), under_way);
        let planned = if matches!(flow, "before" | "within") { 20.0 } else { 2.0 };
        for (results, days_taken) in [(&entry, at_entry), (&en_route, under_way)] {
            near(days(results, "time_days_moving"), planned);
            near(days(results, "time_days_disruption"), days_taken - planned);
        }
    }
}

#[test]
fn what_a_slow_facility_adds_is_told_apart() {
    let results = listed(
        "",
        "[facility.desk]\ntime = \"4 h\"\n[service.ship]\ntime = \"2 d\"\ndepartures.every = { interval = \"10 d\", first = \"12 h\" }\n\
         [disruption.strike]\nhits = [\"facility.desk\", \"service.ship\"]\nspeed_factor = 0.5\n\
         from_date = \"2024-01-01\"\nuntil_date = \"2024-01-03\"\n\
         [flow.x]\narrivals.listed = [\"0 h\"]\nroute = [\"facility.desk\", \"service.ship\"]\n",
    );
    near(results.value("flow.x.time_days_handling"), 4.0 / 24.0);
    near(results.value("flow.x.time_days_waiting_for_departure"), 4.0 / 24.0);
    near(results.value("flow.x.time_days_moving"), 2.0);
    near(results.value("flow.x.time_days_disruption"), 2.0 + 4.0 / 24.0);
}

#[test]
fn waiting_for_a_closed_service_is_time_lost_to_the_disruption() {
    let results = listed(
        "",
        "[service.weekly]\ntime = \"1 d\"\ndepartures.every = { interval = \"7 d\", first = \"7 d\" }\n\
         [service.late]\ntime = \"1 d\"\ndepartures.every = { interval = \"50 d\", first = \"6 d\" }\ndelay = \"12 h\"\n\
         [service.ferry]\ntime = \"1 h\"\ndepartures.shuttle = { vehicles = 3, turnaround = \"1 h\" }\n\
         [disruption.storm]\nhits = [\"service.*\"]\nclosed = true\nfrom_date = \"2024-01-07 06:00\"\nuntil_date = \"2024-01-10\"\n\
         [flow.cancelled]\narrivals.listed = [\"24 h\"]\nroute = [\"service.weekly\"]\n\
         [flow.held]\narrivals.listed = [\"24 h\"]\nroute = [\"service.late\"]\n\
         [flow.crossing]\narrivals.listed = [\"192 h\"]\nroute = [\"service.ferry\"]\n",
    );
    // The departure of day 7 is cancelled; six days until then, seven until the next.
    near(results.value("flow.cancelled.time_days_waiting_for_departure"), 6.0);
    near(results.value("flow.cancelled.time_days_disruption"), 7.0);
    // It would have left half a day late on day 6.5; the storm, which began before that, holds it until day 9.
    near(results.value("flow.held.time_days_waiting_for_departure"), 5.5);
    near(results.value("flow.held.time_days_disruption"), 2.5);
    near(results.value("flow.crossing.time_days_disruption"), 1.0);
    near(results.value("flow.crossing.time_days_waiting_for_departure"), 0.0);
}

#[test]
fn a_delay_that_costs_a_departure_is_a_missed_connection() {
    let scenario = |closure: &str| {
        listed(
            "",
            &format!(
                "[link.truck]\ntime = \"2 h\"\n[service.train]\ntime = \"1 d\"\ncut_off = \"1 h\"\n\
                 departures.every = {{ interval = \"1 d\", first = \"12 h\" }}\n{closure}\n\
                 [flow.x]\narrivals.listed = [\"6.5 h\"]\nroute = [\"link.truck\", \"service.train\"]\n"
            ),
        )
    };
    let usual = scenario("");
    near(usual.value("flow.x.time_days_missed_connection"), 0.0);
    near(usual.value("flow.x.time_days_waiting_for_departure"), 3.5 / 24.0);
    let closed = |until: &str| {
        format!(
            "[disruption.flood]\nhits = [\"link.truck\"]\nclosed = true\nfrom_date = \"2024-01-01\"\nuntil_date = \"2024-01-01 {until}\"\n"
        )
    };
    // Ready at 08:30 without the flood; at 12:00 with it, an hour after the cut-off.
    let missed = scenario(&closed("10:00"));
    near(missed.value("flow.x.time_days_disruption"), 3.5 / 24.0);
    near(missed.value("flow.x.time_days_missed_connection"), 1.0);
    near(missed.value("flow.x.time_days_waiting_for_departure"), 0.0);
    // A short flood costs no departure.
    let caught = scenario(&closed("08:30"));
    near(caught.value("flow.x.time_days_missed_connection"), 0.0);
    near(caught.value("flow.x.time_days_waiting_for_departure"), 1.5 / 24.0);
}

#[test]
fn what_passes_meanwhile_pays_by_the_factor() {
    let results = listed(
        "",
        r#"
[money]
currency = "USD"
[node.a]
kind = "terminal"
[node.b]
kind = "terminal"
[link.road]
from = "a"
to = "b"
mode = "road"
time = "1 h"
cost = "100 USD/TEU"
[service.train]
mode = "rail"
stops = ["a", "b"]
departures.every = { interval = "1 h" }
time = "1 h"
cost = "40 USD/TEU"
[facility.gate]
servers = "unlimited"
cost = "10 USD/TEU"
[disruption.shortage]
hits = ["link.road", "service.train"]
cost_factor = 1.5
from_date = "2024-01-02"
until_date = "2024-01-03"
[disruption.rebate]
hits = ["facility.gate"]
cost_factor = 0.2
from_date = "2024-01-02"
until_date = "2024-01-03"
[flow.road]
arrivals.listed = ["1 h", "30 h", "31 h", "80 h"]
route = ["facility.gate", "link.road"]
[flow.rail]
arrivals.listed = ["1 h", "30 h", "31 h", "80 h"]
size = "2 TEU"
route = ["service.train"]
"#,
    );
    near(results.value("flow.road.cost_per_teu"), 110.0 + 0.5 * 50.0 - 0.5 * 8.0);
    near(results.value("flow.rail.cost_per_teu"), 40.0 + 0.5 * 20.0);
}

#[test]
fn the_mean_residual_of_a_closure_depends_on_its_age() {
    let mut store = TableStore::default();
    let mut residual = |family: Family| Residual::of(&family, &Sampler::with_tables(&family, &mut store));
    let hours = SimSpan::from_hours;
    let memoryless = residual(Family::Exponential { mean: 10.0 });
    near(memoryless.after(hours(500.0)).hours(), 10.0);
    let uniform = residual(Family::Uniform { min: 0.0, max: 10.0 });
    for age in [0.0, 4.0, 9.0] {
        let left = uniform.after(hours(age)).hours();
        assert!((left - (10.0 - age) / 2.0).abs() < 0.02, "{left} at {age}");
    }
    near(residual(Family::Constant(8.0)).after(hours(3.0)).hours(), 5.0);
    near(residual(Family::Constant(8.0)).after(hours(9.0)).hours(), 0.0);
    // Of two kinds, what has lasted longer than the short ones is one of the long ones.
    let mixture = Family::Mixture(vec![(0.5, Family::Constant(1.0)), (0.5, Family::Constant(21.0))]);
    near(residual(mixture).after(hours(2.0)).hours(), 19.0);
}

/// Two ways from a to b, of which the first closes by itself; the last argument is the flow's rule and what is known.
fn two_ways(scale: &str, lasts: &str, known: bool, rule: &str) -> Results {
    run_text(&format!(
        r#"
[run]
warm_up = "500 d"
length = "20000 d"
replications = 40
[money]
currency = "CNY"
[choice]
{scale}
[corridor.north]
uses = ["link.main"]
[corridor.south]
uses = ["link.alternative"]
[node.a]
kind = "zone"
[node.gate]
kind = "terminal"
[node.b]
kind = "zone"
[link.feeder]
from = "a"
to = "gate"
mode = "road"
time = "6 h"
[link.main]
from = "gate"
to = "b"
mode = "sea"
time = "30 d"
[link.alternative]
from = "gate"
to = "b"
mode = "rail"
time = "40 d"
[commodity.goods]
density = "10 t/TEU"
value = "24000 CNY/t"
time_cost = "1 %/d"
[disruption.closure]
hits = ["link.main"]
rule = "blocked-at-entry"
end_known = {known}
after.exponential = {{ mean = "90 d" }}
lasts = {lasts}
[flow.boxes]
from = "a"
to = "b"
commodity = "goods"
arrivals.poisson = "1 /d"
re_choice = "{rule}"
"#
    ))
}

#[test]
fn cargo_waits_or_diverts_as_its_shippers_decide() {
    let exponential = "{ exponential = { mean = \"10 d\" } }";
    // So steep a scale that everyone takes what is cheapest; the feeder takes a quarter of a day.
    let steep = "scale = \"1 /CNY\"";
    let mean = "flow.boxes.transit_days_mean";
    let wait = two_ways(steep, exponential, false, "never");
    agrees(&wait, mean, 31.25, 0.005);
    near(wait.value("corridor.south.generated_consignments"), 0.0);
    let divert = two_ways(steep, exponential, false, "always");
    // They are told at the start and again at the gate, a quarter of a day later.
    let closed = 0.1 + 0.9 * 0.1 * (1.0 - (-0.25_f64 / 9.0).exp());
    agrees(&divert, mean, 30.25 + 10.0 * closed, 0.005);
    agrees(&divert, "flow.boxes.diverted_here_consignments", 20_000.0 * closed, 0.1);
    // Knowing the end, they go round when more than ten days are left: 30.25 + 0.1 E[min(D, 10)].
    let known = two_ways(steep, exponential, true, "by-cost");
    agrees(&known, mean, 30.25 + 0.1 * 10.0 * (1.0 - (-1.0_f64).exp()), 0.003);
    // Of constant length, the mean time left is known by its age.
    let constant = two_ways(steep, "\"20 d\"", false, "by-cost");
    let share = 20.0 / 110.0;
    agrees(&constant, mean, 30.25 + share * (0.5 * 10.0 + 0.5 * 5.0), 0.004);
    // Where nobody leaves, nothing is said of leaving.
    assert!(wait.catalogue.find("flow.boxes.diverted_here_consignments").is_none());
    for results in [&divert, &known, &constant] {
        let here = results.value("flow.boxes.diverted_here_consignments");
        near(results.value("flow.boxes.diverted_away_consignments"), here);
        near(results.value("disruption.closure.diverted_consignments"), here);
        near(
            results.value("corridor.north.diverted_away_by_closure_consignments"),
            here,
        );
        near(results.value("corridor.south.diverted_here_consignments"), here);
        near(results.value("corridor.south.generated_consignments"), here);
        balanced(results);
    }
}

/// Every consignment's time so far has moved with it: by corridor, what is spent adds up to what transit takes.
fn balanced(results: &Results) {
    for group in results.catalogue.groups() {
        let value = |name: &str| {
            let number = results.catalogue.number(group.scope, &group.id, name);
            number.map_or(f64::NAN, |number| results.estimates[number].interval.estimate)
        };
        if value("unfinished_consignments") + value("refused_consignments") > 0.0
            || !value("transit_days_mean").is_finite()
        {
            continue;
        }
        // What a model cannot have is left out.
        let parts = Component::ALL
            .iter()
            .map(|it| value(&format!("time_days_{}", it.key())))
            .filter(|part| !part.is_nan());
        near(parts.sum(), value("transit_days_mean"));
    }
    let mut sums = std::collections::BTreeMap::new();
    for (key, moments) in results
        .catalogue
        .attribution
        .keys
        .iter()
        .zip(&results.aggregate.attribution)
    {
        if moments.count() > 0 {
            *sums.entry(key.whose).or_insert(0.0) += moments.mean();
        }
    }
    for (whose, hours) in sums {
        if let Whose::Corridor(number) = whose
            && let Some(id) = results.model.network.tables.corridors.get(number)
            && results.value(&format!("corridor.{id}.unfinished_consignments")) == 0.0
        {
            near(hours / 24.0, results.value(&format!("corridor.{id}.transit_days_mean")));
        }
    }
}

#[test]
fn those_who_know_of_a_closure_divide_as_the_logit_says() {
    // Always closed, for ten more days in the mean, and worth 2400 CNY a day: the ten days' difference of the ways is
    // outweighed exactly, so that half take each way in the end, wherever they decide.
    for scale in ["scale = \"0.0001 /CNY\"", "scale = \"0.00003 /CNY\""] {
        let text = r#"{ exponential = { mean = "10 d" } }"#;
        let scenario = two_ways(scale, text, false, "by-cost");
        let theta: f64 = if scale.contains("0.0001") { 0.0001 } else { 0.00003 };
        let open = 1.0 / (1.0 + (-theta * 24_000.0).exp());
        // A tenth come to the gate while it is closed, for whom the two ways are alike.
        let north = 0.9 * open + 0.1 * 0.5;
        let (taken, all) = (
            scenario.value("corridor.north.generated_consignments"),
            scenario.value("system.generated_consignments"),
        );
        assert!((taken / all - north).abs() < 0.01, "{} instead of {north}", taken / all);
        balanced(&scenario);
    }
}

#[test]
fn a_way_round_is_found_beyond_the_choice_set() {
    let results = listed(
        "",
        r#"
[money]
currency = "CNY"
[choice]
routes = 1
[node.a]
kind = "zone"
[node.gate]
kind = "terminal"
[node.b]
kind = "zone"
[link.feeder]
from = "a"
to = "gate"
mode = "road"
time = "6 h"
cost = "100 CNY/TEU"
[link.main]
from = "gate"
to = "b"
mode = "sea"
time = "30 d"
cost = "1000 CNY/TEU"
[service.train]
mode = "rail"
stops = ["gate", "b"]
departures.every = { interval = "1 d" }
time = "10 d"
cost = "3000 CNY/TEU"
[commodity.goods]
value = "24000 CNY/t"
time_cost = "0.03 %/d"
[disruption.closure]
hits = ["link.main"]
from_date = "2024-01-10"
until_date = "2024-03-20"
notice = "3 d"
[flow.boxes]
from = "a"
to = "b"
commodity = "goods"
arrivals.listed = ["60 h", "192 h", "300 h", "1900 h"]
"#,
    );
    // 72 CNY a day: the train, 2000 CNY dearer, saves time worth 1404. Two months of waiting outweigh the rest: the third
    // goes by train. The second comes to the gate before the closure has begun, and the fourth when it is over.
    near(results.value("system.diverted_away_consignments"), 1.0);
    near(results.value("disruption.closure.diverted_teu"), 1.0);
    let train = 3100.0;
    near(results.value("system.cost_per_teu"), (3.0 * 1100.0 + train) / 4.0);
    near(results.value("system.transit_days_max"), 30.25);
    balanced(&results);
}

#[test]
fn perishables_spoil_by_their_own_clock() {
    let results = run_text(
        r#"
[run]
warm_up = "0 d"
length = "4000 d"
replications = 30
[money]
currency = "CNY"
[link.way]
time.exponential = { mean = "10 d" }
[link.steady]
time = "10 d"
[commodity.fruit]
density = "10 t/TEU"
value = "1000 CNY/t"
shelf_life = "12 d"
[commodity.flowers]
density = "5 t/TEU"
value = "2000 CNY/t"
decay = "2 %/d"
[flow.fruit]
arrivals.poisson = "2 /d"
commodity = "fruit"
route = ["link.way"]
[flow.flowers]
arrivals.poisson = "2 /d"
commodity = "flowers"
route = ["link.steady"]
"#,
    );
    let spoilt = (-1.2_f64).exp();
    agrees(&results, "flow.fruit.spoilt_share", spoilt, 0.02);
    agrees(&results, "commodity.fruit.value_lost_share", spoilt, 0.02);
    agrees(&results, "commodity.fruit.value_lost_per_teu", 10_000.0 * spoilt, 0.02);
    let lost = 1.0 - 0.98_f64.powi(10);
    assert!((results.value("flow.flowers.value_lost_share") - lost).abs() < 1e-6);
    // What is still under way at the end and past its time is spoilt too, and never left out.
    agrees(&results, "system.spoilt_share", spoilt, 0.02);
}

#[test]
fn interrupted_work_can_begin_anew() {
    let results = run_text(
        r#"
[run]
warm_up = "100 d"
length = "30000 d"
replications = 40
[link.pass]
time = "2 d"
[disruption.closure]
hits = ["link.pass"]
rule = "restarted-en-route"
after.exponential = { mean = "4 d" }
lasts.exponential = { mean = "1 d" }
[facility.kiln]
time = "2 d"
breakdown = { after = { exponential = { mean = "4 d" } }, lasts = { exponential = { mean = "1 d" } }, work = "restarted" }
[flow.moving]
arrivals.poisson = "1 /d"
route = ["link.pass"]
[flow.working]
arrivals.timetable = { interval = "40 d" }
route = ["facility.kiln"]
"#,
    );
    // The preemptive-repeat completion time of work x: (e^(x/U) - 1)(U + E[D]).
    let completion = (0.5_f64.exp() - 1.0) * 5.0;
    agrees(&results, "flow.working.transit_days_mean", completion, 0.02);
    agrees(
        &results,
        "link.pass.time_lost_hours_mean",
        24.0 * (completion - 2.0),
        0.03,
    );
}

#[test]
fn seasons_scale_the_likelihood_of_events() {
    let results = run_text(
        r#"
[run]
start = "2023-01-01"
warm_up = "0 d"
length = "365 d"
replications = 400
[link.pass]
time = "1 d"
[season.winter]
monthly = [3.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 2.0]
[disruption.fog]
hits = ["link.pass"]
season = "winter"
after.exponential = { mean = "10 d" }
lasts = "1 min"
[flow.x]
arrivals.poisson = "1 /d"
route = ["link.pass"]
"#,
    );
    let days = 3.0 * 31.0 + 2.0 * 28.0 + 31.0 + 0.5 * 31.0 + 30.0 + 2.0 * 31.0;
    agrees(&results, "disruption.fog.events", days / 10.0, 0.03);
}

#[test]
fn time_is_attributed_to_its_causes() {
    let results = listed(
        "",
        "[facility.desk]\nkind = \"customs\"\ntime = \"2 h\"\ninspection = { probability = 1, time = \"3 h\" }\n\
         [flow.x]\narrivals.listed = [\"0 h\", \"0 h\"]\nroute = [\"facility.desk\"]\n",
    );
    let parts = corridor::analysis::time_parts(&results.catalogue, &results.aggregate, 0.95);
    let of = |cause: Cause| {
        let mut found = parts
            .iter()
            .filter(|part| part.whose == Whose::Headlines && part.cause == cause);
        found.next().map_or(0.0, |part| part.hours.estimate)
    };
    near(of(Cause::Work), 2.0);
    near(of(Cause::Inspection), 3.0);
    near(of(Cause::Queue), 2.5);
    let worst = corridor::analysis::worst_time_parts(&parts, |whose| whose == Whose::Headlines, 2, 0.0);
    assert_eq!(
        worst.iter().map(|part| part.cause).collect::<Vec<_>>(),
        [Cause::Inspection, Cause::Queue]
    );
    near(worst[0].share, 3.0 / 7.5);
    assert!(
        results
            .catalogue
            .number(Scope::System, "", "diverted_here_consignments")
            .is_none()
    );
}

/// Cargo that never gets through has waited none the less.
#[test]
fn waits_without_end_are_on_record() {
    let results = listed(
        "cool_down = \"0 d\"",
        "[link.pass]\ntime = \"1 d\"\n[link.before]\ntime = \"2 d\"\n\
         [disruption.shut]\nhits = [\"link.pass\"]\nafter = \"5 d\"\nlasts = \"9000 d\"\n\
         [flow.x]\narrivals.listed = [\"10 d\"]\nroute = [\"link.before\", \"link.pass\"]\n",
    );
    let parts = corridor::analysis::time_parts(&results.catalogue, &results.aggregate, 0.95);
    let worst = corridor::analysis::worst_time_parts(&parts, |whose| whose == Whose::Headlines, 2, 0.0);
    assert_eq!(worst.len(), 1, "{worst:?}");
    assert_eq!(worst[0].cause, Cause::Disruption);
    near(worst[0].hours.estimate, 88.0 * 24.0);
}

/// What may close the other way as well, but hardly ever does, keeps nobody from taking it.
#[test]
fn an_unlikely_closure_of_the_other_way_keeps_nobody_from_it() {
    let results = |impact: &str| {
        run_text(&format!(
            r#"
[run]
warm_up = "100 d"
length = "4000 d"
replications = 4
[node.a]
kind = "zone"
[node.b]
kind = "zone"
[link.main]
from = "a"
to = "b"
mode = "sea"
time = "3 d"
[link.other]
from = "a"
to = "b"
mode = "rail"
time = "4 d"
[commodity.goods]
density = "10 t/TEU"
value = "24000 CNY/t"
time_cost = "1 %/d"
[choice]
scale = "1 /CNY"
[money]
currency = "CNY"
[disruption.storm]
hits = ["link.main"]
after.exponential = {{ mean = "90 d" }}
lasts = "20 d"
{impact}
[flow.boxes]
from = "a"
to = "b"
commodity = "goods"
re_choice = "by-cost"
arrivals.poisson = "1 /d"
"#
        ))
        .value("flow.boxes.diverted_here_consignments")
    };
    let (alone, with) = (
        results(""),
        results("[disruption.storm.impact.other]\nhits = [\"link.other\"]\nprobability = 0.000001\n"),
    );
    assert!(
        alone > 100.0 && (with / alone - 1.0).abs() < 1e-9,
        "{with} instead of {alone}"
    );
}
