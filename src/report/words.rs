//! The words of charts, in English and Chinese, in one place.

use crate::indicator::Component;
use crate::scenario::settings::Language;

macro_rules! words {
    ($($name:ident: $english:literal, $chinese:literal;)*) => {
        /// A word or phrase of the charts.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Word {
            $(#[doc = $english] $name,)*
        }

        impl Word {
            /// All words.
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word in a language.
            pub(super) fn text(self, language: Language) -> &'static str {
                let (english, chinese) = match self {
                    $(Self::$name => ($english, $chinese),)*
                };
                match language {
                    Language::En => english,
                    Language::Zh => chinese,
                }
            }
        }
    };
}

words! {
    Replications: "replications", "次重复";
    Interval: "% confidence intervals", "% 置信区间";
    WholeSystem: "All flows", "全部流量";
    OtherRoutes: "Other routes", "其他路径";
    Days: "days", "天";
    Hours: "h", "小时";
    Moving: "Moving", "运行";
    Departure: "Waiting for departure", "候班";
    LeftBehind: "Left behind", "甩箱滞留";
    Queueing: "Queueing", "排队";
    Handling: "Handling", "装卸作业";
    Border: "Border and gauge change", "口岸与换轨";
    Customs: "Customs", "海关查验";
    Closed: "Closed hours", "非工作时间";
    Disruption: "Disruption", "中断";
    ComponentTitle: "Where the time goes: mean door-to-door time by component", "时间构成：门到门平均时间";
    DaysPerConsignment: "Mean days per consignment", "平均每票天数";
    MapTitle: "Corridors: TEU per year carried", "通道图：年运量（TEU）";
    TeuPerYear: "Line width: TEU per year", "线宽：TEU/年";
    LandNote: "Land: Natural Earth. National boundaries are not shown.", "陆地轮廓：Natural Earth，不绘国界。";
    TimeDistanceTitle: "Time and distance", "时间-距离图";
    CostDistanceTitle: "Cost and distance", "费用-距离图";
    DistanceAxis: "Distance from origin (km)", "距起点距离（公里）";
    TimeAxis: "Days since the goods were ready", "自货物备妥起的天数";
    CostAxis: "Cumulative cost per TEU", "每 TEU 累计费用";
    MeanLine: "Mean", "平均";
    Ribbon: "10% to 90% of consignments", "10%–90% 货物";
    Pause: "Time spent at a place", "停留时间";
    Charge: "Charge at a place", "站点费用";
    DistributionTitle: "Transit time distribution by corridor", "各通道运输时间分布";
    TransitAxis: "Door-to-door time (days)", "门到门时间（天）";
    ShareAxis: "Share (%)", "占比（%）";
    MonthsTitle: "TEU a month, and TEU under way at the month's end", "逐月运量与月末在途量";
    Generated: "Ready for transport", "备妥";
    Delivered: "Delivered", "送达";
    Backlog: "Under way at the month's end", "月末在途";
    TeuAMonth: "TEU a month", "TEU/月";
    TeuUnderWay: "TEU under way", "在途 TEU";
    WarmUp: "Warm-up", "预热期";
    FacilityTitle: "Utilisation of the busiest facilities, with their queues", "最繁忙设施的利用率与排队";
    Utilisation: "Utilisation (% of open server time)", "利用率（占开放服务时间的 %）";
    QueueMean: "Mean queue", "平均队长";
    WaitP95: "P95 wait", "P95 等待";
    LegTitle: "Cost and emissions per TEU by part of the route", "每 TEU 费用与排放构成";
    CostPerTeu: "Cost per TEU", "每 TEU 费用";
    EmissionsPerTeu: "kg CO2e per TEU", "每 TEU 千克 CO2e";
    Others: "Others", "其他";
    AtExpected: "figures of the scenario at their expected values", "情景数据取期望值";
    Freight: "Freight along the way", "沿途运费";
    Goods: "Goods", "货物";
    OtherCorridors: "The other corridors", "其他通道";
    Beyond: "beyond the scale", "超出坐标范围";
}

/// The word for a component of time.
pub(super) fn component(component: Component) -> Word {
    match component {
        Component::Moving => Word::Moving,
        Component::Departure => Word::Departure,
        Component::LeftBehind => Word::LeftBehind,
        Component::Queueing => Word::Queueing,
        Component::Handling => Word::Handling,
        Component::Border => Word::Border,
        Component::Customs => Word::Customs,
        Component::Closed => Word::Closed,
        Component::Disruption => Word::Disruption,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_missing() {
        let is_hanzi = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        for word in Word::ALL {
            let (english, chinese) = (word.text(Language::En), word.text(Language::Zh));
            assert!(!english.is_empty() && !english.chars().any(is_hanzi), "{word:?}");
            assert!(chinese.chars().any(is_hanzi), "{word:?}");
        }
    }
}
