//! The words of charts and of the terminal, in English and Chinese, in one place.

use crate::indicator::Component;
use crate::model::Cause;
use crate::scenario::settings::Language;
use std::fmt;

macro_rules! words {
    ($($name:ident: $english:literal, $chinese:literal;)*) => {
        /// A word or phrase; `{}` in it is a place to be filled.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Word {
            $(#[doc = $english] $name,)*
        }

        impl Word {
            /// All words.
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word in a language.
            pub fn text(self, language: Language) -> &'static str {
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
    MissedConnection: "Missed connection", "误接";
    Queueing: "Queueing", "排队";
    Handling: "Handling", "装卸作业";
    Border: "Border and gauge change", "口岸与换轨";
    Customs: "Customs", "海关查验";
    Closed: "Closed hours", "非工作时间";
    Disruption: "Disruption", "中断";
    Container: "Waiting for a container", "等待空箱";
    Consolidation: "Waiting for consolidation", "等待集拼";
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
    ContainerTitle: "Waiting for empty containers, by depot", "各箱站空箱等待情况";
    WaitsForContainer: "Consignments that wait for a container (%)", "需等待空箱的货物比例（%）";
    StockMean: "Mean stock, boxes", "平均存箱量（箱）";
    TimeEmpty: "Time without a box", "无箱时间占比";
    FrequencyTitle: "Departures of services that follow demand, by month", "随需求调整班次的服务：逐月班次";
    DeparturesAMonth: "Departures a month", "每月班次";
    QueueMean: "Mean queue", "平均队长";
    ConsolidationTitle: "Shared boxes: how full they go, and how long lots wait", "拼箱：装箱率与货物等待";
    FillOfBoxes: "Fill of boxes (% of the cargo that fits)", "装箱率（占可装货量的 %）";
    LotsPerBox: "Lots a box", "每箱票数";
    MeanWaitDays: "Mean wait (days)", "平均等待（天）";
    P95WaitDays: "P95 wait (days)", "P95 等待（天）";
    SentByTime: "Sent by time (%)", "按时限发出（%）";
    WaitP95: "P95 wait", "P95 等待";
    Stuffing: "stuffing", "装箱";
    Stripping: "stripping", "拆箱";
    LegTitle: "Cost and emissions per TEU by part of the route", "每 TEU 费用与排放构成";
    CostPerTeu: "Cost per TEU", "每 TEU 费用";
    EmissionsPerTeu: "kg CO2e per TEU", "每 TEU 千克 CO2e";
    Others: "Others", "其他";
    AtExpected: "figures of the scenario at their expected values", "情景数据取期望值";
    Freight: "Freight along the way", "沿途运费";
    Goods: "Goods", "货物";
    OtherCorridors: "The other corridors", "其他通道";
    CorridorsShown: "Corridors shown", "所示通道";
    OverviewTitle: "The corridors side by side", "通道概览";
    OverviewTimes: "Door-to-door time (days); each curve to its own height", "门到门时间（天）；各图高度独立";
    MeanAndP95: "mean {}, P95 {} days", "平均 {} 天，P95 {} 天";
    VolumeColumn: "Volume\n(TEU/yr)", "年运量\n（TEU/年）";
    CostColumn: "Cost\n({}/TEU)", "费用\n（{}/TEU）";
    EmissionsColumn: "Emissions\n(kg CO2e/TEU)", "排放\n（千克 CO2e/TEU）";
    BufferColumn: "Buffer index\n(%)", "缓冲指数\n（%）";
    BufferNote: "Buffer index: the time to allow beyond the mean so that 95% arrive in time, as a share of the mean; small is reliable. Goods and distances differ between corridors.", "缓冲指数：为使 95% 的货物准时到达，需在平均时间之外预留的时间占平均时间的比例；越小越可靠。各通道货物与距离不同。";
    Beyond: "beyond the scale", "超出坐标范围";
    Significant: "Significant difference, with its interval", "差异显著（附区间）";
    NotSignificant: "Not significant", "差异不显著";
    FurtherOn: "Beyond the scale; the number tells how far", "超出坐标范围，见右侧数值";
    RowsLeftOut: "{} further rows have no room here.", "另有 {} 行未列出。";
    Increase: "Increase", "增加";
    Decrease: "Decrease", "减少";
    Total: "Before and after", "之前与之后";
    IntervalMark: "Interval of the change", "变化量的区间";
    BrokenAxis: "The scale does not begin at zero.", "坐标轴不从零开始。";
    EffectEstimate: "Estimate", "估计值";
    BandOfMore: "Range of the effect: more", "效果范围：增加";
    BandOfLess: "Range of the effect: less", "效果范围：减少";
    BandAcrossZero: "Range with zero in it: direction uncertain", "范围含零：方向不确定";
    EffectColumn: "Effect (range)", "效果（范围）";
    TimeDistanceBeforeAfter: "Time and distance before and after: {}", "时间-距离图前后对比：{}";
    MeanAndRibbonOf: "{}: mean, and 10% to 90% of consignments", "{}：平均及 10%–90% 货物";
    StaysBeforeAfter: "Below places: days spent there, before → after, where they differ", "地名下方：停留天数（之前 → 之后），仅列有变化者";
    MonthsBeforeAfter: "Month by month before and after: {}", "逐月运量前后对比：{}";
    RampingUp: "Measure ramps up", "措施逐步生效";
    InForce: "Measure in full force", "措施全面生效";
    Measures: "Measures", "措施";
    BeginsLater: "begins later", "此后开始";
    ComparedWith: "{} against {}", "{} 对比 {}";
    Preparing: "{}: settling how shippers choose", "{}：确定货主的选择";
    ComparisonLine: "tables in {}", "表格见 {}";
    OfWhat: "Of", "对象";
    IndicatorColumn: "Indicator", "指标";
    BeforeColumn: "Before", "之前";
    AfterColumn: "After", "之后";
    DifferenceColumn: "Difference", "差异";
    BandColumn: "As inputs vary (90%)", "输入不确定带（90%）";
    SignColumn: "Sign sure", "方向概率";
    BandNote: "as inputs vary: between these lie nine tenths of the expected differences; sign sure: share of draws of the inputs in which the expected difference has this sign, with its interval", "输入不确定带：输入变化时 90% 的期望差异落在其间；方向概率：期望差异具有该方向的输入抽样比例（附区间）";
    FewDraws: "Too few draws of the inputs to tell how the differences vary with them: ask for more replications.", "输入抽样次数过少，无法判断差异随输入的变化：请增加重复次数。";
    AssumedColumn: "Due to grade D", "D级占比";
    AssumedNote: "due to grade D: how much less the expected difference would vary with the inputs (its variance) if those of grade D, which are assumed or derived, were known, with its interval; measured by holding them at their expected values; blank where luck hides how the difference varies", "D级占比：若 D 级（假定或推算）输入为已知，期望差异随输入变化的方差将减少的比例（附区间）；将其固定于期望值测得；空白表示随机波动掩盖了差异的变化";
    NothingByGrade: "What is due to grade D cannot be told: that takes {} draws of the inputs (twice as many replications, where two share a draw) and a significant difference that varies with them", "无法判断 D 级输入的占比：需至少 {} 次输入抽样（若每次抽样含两次重复，则重复次数加倍），且存在随输入变化的显著差异";
    SomeAssumed: "Sizes of grade D (assumed or derived): those of {} of the {} instruments that act. The differences rest on them.", "幅度为 D 级（假定或推算）的措施：{} 项，共 {} 项起作用。上述差异取决于这些假定。";
    NoneAssumed: "None of the {} instruments that act has a size of grade D (assumed or derived).", "起作用的 {} 项措施的幅度均非 D 级（假定或推算）。";
    TargetsTitle: "Targets of the policy, when the window ends:", "政策目标（观察期末）：";
    TargetColumn: "Target", "目标";
    AimColumn: "Aim", "目标值";
    LevelColumn: "Level", "水平";
    MetColumn: "Met", "达成概率";
    KindColumn: "Kind", "类型";
    Simulated: "simulated", "模拟";
    InputTracked: "input-tracked", "输入跟踪";
    DutiesTitle: "Bodies responsible, and what is expected of them when the window ends:", "责任单位及观察期末预期：";
    BodyColumn: "Body", "单位";
    MeasuresColumn: "Measures", "措施";
    InstrumentsColumn: "Instruments", "举措";
    ActingColumn: "that act", "其中起作用";
    CompleteColumn: "in full", "完全生效";
    DeliveryColumn: "Delivered", "落实概率";
    StrengthColumn: "Strength", "强度";
    MeanDoorToDoor: "Mean door-to-door time (days)", "平均门到门时间（天）";
    ChangeAxis: "Change against the value before (%)", "相对之前数值的变化（%）";
    MeasuresAlone: "What each measure does alone", "各项措施单独实施的效果";
    BandAsInputsVary: "Mean effect, and the band of nine tenths of it as inputs vary", "平均效果及输入不确定下的 90% 区间";
    BandAsInterval: "Mean effect with its interval", "平均效果及其区间";
    CreditTitle: "Which measure it is owed to: {}", "归因于各项措施：{}";
    CreditOf: "{} in {}: what each of {} measures does to it", "{}（{}）：{} 项措施各自的贡献";
    AllOrders: "Shapley shares, exact over all {} coalitions", "Shapley 分摊：精确计算全部 {} 种组合";
    DrawnOrders: "Shapley shares from {} orders drawn at random in pairs, {} coalitions; intervals allow for the draw", "Shapley 分摊：成对随机抽取 {} 种次序，共 {} 种组合；区间已含抽样误差";
    JointEffect: "Before {}, after {}: joint effect {}", "之前 {}，之后 {}：合计效果 {}";
    MeasureColumn: "Measure", "措施";
    ShareColumn: "Share", "分摊";
    PercentColumn: "of the whole", "占合计";
    AloneColumn: "Alone", "单独实施";
    LastColumn: "Added to the others", "在其余之上增加";
    Interactions: "Together some do more or less than each by itself:", "以下措施共同实施时多于或少于各自之和：";
    NoInteraction: "No two of them do significantly more or less together than each by itself.", "没有两项措施的共同效果与各自之和有显著差异。";
    CoalitionsKept: "{} coalitions are kept in {}; go on with {}", "已保留 {} 种组合，见 {}；继续：{}";
    NotMeasurable: "{} could not be measured in every coalition, so it cannot be shared out: choose an indicator that always has a value", "{} 并非在每种组合中都有值，无法分摊：请选择总有值的指标";
    NothingInCommon: "{} and {} have no flow in common: their differences say little", "{} 与 {} 没有共同的货流：差异意义不大";
    StillApart: "{}: shippers' choice did not come to rest, the gap is still {}%", "{}：货主选择尚未达到均衡，差距仍为 {}%";
    DifferenceUnknown: "the differences in {} are known to ±{} at best, not to ±{}", "{} 的差异最多只能确定到 ±{}，未达到 ±{}";
    NoSignificantDifference: "No significant difference in {} of {} indicators (how many of each):", "{} / {} 项指标无显著差异（各项数目）：";
    VarianceReduced: "On common random numbers, variances of differences are {} times smaller (median)", "采用公共随机数，差异的方差缩小为 1/{}（中位数）";
    RunLine: "{} replications, seed {}, {}% intervals", "{} 次重复仿真，种子 {}，{}% 置信区间";
    AllFlows: "all", "全部";
    TeuDelivered: "TEU delivered", "送达 TEU";
    MeanDays: "mean days", "平均天数";
    P95Days: "P95 days", "P95 天数";
    KgPerTeu: "kg CO2e/TEU", "千克 CO2e/TEU";
    Load: "load", "装载率";
    WorstTimes: "most time is lost here, neither on the move nor being worked on; in mean hours of a consignment, and as a share of its mean time{}:", "除运行与作业外耗时最多之处：平均每票小时数及占平均时间的比例{}：";
    OnHeadlines: " (headline corridors together)", "（主要通道合计）";
    WorstTime: "  {}: {}, {} h ({}%)", "  {}：{}，{} 小时（{}%）";
    AttributionTitle: "Where and why time is lost, neither on the move nor being worked on", "时间损失的地点与原因（不含运行与作业）";
    AttributionAxis: "Mean hours of a consignment; in brackets, the share of its mean time", "平均每票小时数；括号内为占平均时间的份额";
    HeadlinesTogether: "Headline corridors together", "主要通道合计";
    Standing: "Standing at a stop aboard", "随车停站";
    CancelledDeparture: "Departure cancelled", "班次取消";
    Working: "Being worked on", "作业";
    Inspection: "Inspection", "查验";
    Blocked: "No room further on", "下游无位";
    Facility: "facility", "设施";
    UtilisationColumn: "utilisation", "利用率";
    MeanWaitHours: "mean wait h", "平均等待（小时）";
    P95WaitHours: "P95 wait h", "P95 等待（小时）";
    MeanQueueColumn: "mean queue", "平均队长";
    RefusedColumn: "refused", "拒收率";
    MoreInTable: "{} more in indicators.csv", "另有 {} 个见 indicators.csv";
    WarningMark: "warning:", "警告：";
    ReportLine: "report: {}", "报告：{}";
    WarmUpFound: "warm-up: {} days, by MSER-5 on ten pilot replications", "预热期：{} 天（由十次试运行按 MSER-5 法确定）";
    EquilibriumSought: "equilibrium of shippers' choice: round {}, gap {}%", "求解货主选择均衡：第 {} 轮，差距 {}%";
    EquilibriumFound: "equilibrium: after round {}, {}% of the cargo would choose otherwise", "均衡：第 {} 轮后，{}% 的货物会另选路径";
    EquilibriumTitle: "Equilibrium of shippers' choice, round by round", "货主选择的均衡过程";
    Gap: "Cargo that would choose otherwise", "会另选路径的货物";
    GapBound: "Bound", "允许差距";
    GapAxis: "% of the cargo", "占货物的 %";
    ShareMoved: "Share, less round 1 (% points)", "份额较第 1 轮的变化（百分点）";
    Round: "Round", "轮次";
    TimeSoFar: "with the time so far of cargo that has not arrived, up to {} % of a bar's", "含未到达货物迄今的时间（最多占 {} %）";
    PerWhat: "days: over consignments, large and small alike; cost and emissions: over TEU", "天数按批次平均（不论大小）；费用和排放按 TEU 平均";
    KeptSoFar: "interrupted: {} finished replications are kept in {}; go on with: {}", "已中断：已完成的 {} 次重复仿真保存在 {}；继续运行：{}";
    NothingKept: "interrupted before the first replication was finished; nothing was written", "在首次重复仿真完成前中断；未写入任何内容";
    NotTraced: "replication {} was not reached, so there is no records.parquet; trace a smaller number", "未运行到第 {} 次重复仿真，因此没有 records.parquet；请跟踪较小的编号";
    Nodes: "nodes", "个节点";
    Links: "links", "个路段";
    Services: "services", "项运输服务";
    Facilities: "facilities", "个设施";
    Commodities: "commodities", "种货类";
    Flows: "flows", "股货流";
    Routes: "routes", "条路径";
    Corridors: "corridors", "条物流通道";
    Calendars: "calendars", "个日历";
    Seasons: "seasons", "个季节曲线";
    Disruptions: "disruptions", "种中断";
    FiguresByGrade: "figures, by grade", "个数据，按等级";
    ShareOfFigures: "share", "占比";
    ShareByTraffic: "weighted by the traffic that passes", "按通过的运量加权";
    GradeA: "A official", "A 官方";
    GradeB: "B published", "B 公开发表";
    GradeC: "C expert knowledge", "C 专家经验";
    GradeD: "D assumed or derived", "D 假定或推算";
    Ungraded: "ungraded", "未评级";
    TeuExpected: "{} TEU a year expected", "预期每年 {} TEU";
}

impl Word {
    /// The phrase in a language, with `values` in its places.
    pub fn filled(self, language: Language, values: &[&dyn fmt::Display]) -> String {
        let mut pieces = self.text(language).split(PLACE);
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for (value, piece) in values.iter().zip(pieces) {
            text.push_str(&value.to_string());
            text.push_str(piece);
        }
        text
    }
}

/// A place in a phrase.
const PLACE: &str = "{}";

/// The word for a cause of spending time.
pub(super) fn cause(cause: Cause) -> Word {
    match cause {
        Cause::Moving => Word::Moving,
        Cause::Standing => Word::Standing,
        Cause::Schedule => Word::Departure,
        Cause::LeftBehind => Word::LeftBehind,
        Cause::Cancelled => Word::CancelledDeparture,
        Cause::MissedConnection => Word::MissedConnection,
        Cause::Queue => Word::Queueing,
        Cause::Work => Word::Working,
        Cause::Inspection => Word::Inspection,
        Cause::Closed => Word::Closed,
        Cause::Disruption => Word::Disruption,
        Cause::Blocked => Word::Blocked,
        Cause::Container => Word::Container,
        Cause::Consolidation => Word::Consolidation,
    }
}

/// The word for a component of time.
pub(super) fn component(component: Component) -> Word {
    match component {
        Component::Moving => Word::Moving,
        Component::Departure => Word::Departure,
        Component::LeftBehind => Word::LeftBehind,
        Component::MissedConnection => Word::MissedConnection,
        Component::Queueing => Word::Queueing,
        Component::Handling => Word::Handling,
        Component::Border => Word::Border,
        Component::Customs => Word::Customs,
        Component::Closed => Word::Closed,
        Component::Disruption => Word::Disruption,
        Component::Container => Word::Container,
        Component::Consolidation => Word::Consolidation,
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
            let places = |text: &str| text.matches(PLACE).count();
            assert_eq!(places(english), places(chinese), "{word:?}");
        }
    }

    #[test]
    fn phrases_are_filled_in_order() {
        assert_eq!(
            Word::WorstTime.filled(Language::En, &[&"the desk", &"Queueing", &1.5, &7]),
            "  the desk: Queueing, 1.5 h (7%)"
        );
    }
}
