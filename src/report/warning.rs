//! Warnings about a run in the reader's language.

use crate::analysis::Warning;
use crate::scenario::settings::Language;

/// What a warning says in a language.
pub fn warning_text(warning: &Warning, language: Language) -> String {
    match language {
        Language::En => warning.to_string(),
        Language::Zh => chinese(warning),
    }
}

/// A warning in Chinese. There is no arm for the rest: a new warning cannot be forgotten here.
fn chinese(warning: &Warning) -> String {
    match warning {
        Warning::NoInterval => "仅一组重复仿真无法给出置信区间：至少重复十次（--replications 30）".to_owned(),
        Warning::FewReplications { groups } => format!(
            "仅有 {groups} 组独立的重复仿真：置信区间宽且本身不可靠（--replications 60 或更多；参见 \
             `replications_per_input_draw`）"
        ),
        Warning::NotStationary {
            facility,
            utilisation,
            growth_per_day,
        } => {
            let busy = if utilisation.is_nan() {
                String::new()
            } else {
                format!("服务台利用率为 {:.1}%，", utilisation * 100.0)
            };
            format!(
                "设施 `{facility}` 不平稳：{busy}队长每天增加 {growth_per_day:.3}；均值取决于运行时长。请增加服务台或开放时间、\
                 缩短服务时间，或减少到达量"
            )
        }
        Warning::OverfullService { stop, growth_per_day } => format!(
            "到达 `{stop}` 的货物超过其班次的运能：每天新增滞留 {growth_per_day:.3} 票；均值取决于运行时长。请增加班次或运能，\
             或减少到达量"
        ),
        Warning::Closed {
            place,
            share,
            since,
            growth_per_day,
        } => format!(
            "`{place}` 在观测期内有 {:.0}% 的时间关闭{}：每天新增 {growth_per_day:.3} 票货物等候；均值取决于运行时长。请将观测期\
             延长到其重新开放、排队消散之后（`run.length`），或为其货物提供其他路径",
            share * 100.0,
            since
                .as_ref()
                .map_or(String::new(), |date| format!("（自 {date} 起直至观测期结束）"))
        ),
        Warning::ContainersRunOut { depot, growth_per_day } => format!(
            "`{depot}` 的空箱需求超过回流：每天新增 {growth_per_day:.3} 票货物等箱；均值取决于运行时长。请增加空箱调运、提高箱池\
             存量，或允许租箱（`lease`）"
        ),
        Warning::Unfinished { share } => format!(
            "运行结束时有 {:.2}% 的货物尚未送达，全程时间因此缺少最长的部分：请延长 `run.cool_down`，或查明货物在等待什么\
             （已停开的运输服务，或始终达不到的 `minimum_load`、`batch.at_least`）",
            share * 100.0
        ),
        Warning::Deadlock { replications } => format!(
            "有 {replications} 次重复仿真陷入死锁：`when_full = \"hold\"` 的设施互相等待成环。请为其中之一增加容量"
        ),
        Warning::NotSettled { days } => {
            format!("未能确定预热期：在途量在 {days} 天内没有稳定。请延长 `run.length`，或查找无限增长之处")
        }
        Warning::Imprecise {
            indicator,
            reached,
            wanted,
        } => format!(
            "`{indicator}` 的置信区间半宽为估计值的 ±{:.2}%，未达到 ±{:.2}%：需要更多次重复仿真（--max-replications）",
            reached * 100.0,
            wanted * 100.0
        ),
        Warning::NoEquilibrium {
            rounds,
            reached,
            wanted,
        } => format!(
            "货主的选择未达到均衡：经过 {rounds} 轮，按实际经历仍有 {:.2}% 的货物会另选路径，未降至 {:.2}% 以内。请增加 \
             `choice.equilibrium.rounds` 或 `pilots`，或缓解超负荷的环节",
            reached * 100.0,
            wanted * 100.0
        ),
        Warning::NoWarmUp => {
            "观测从空系统开始：早到的货物不会遇到排队。请给出 `run.warm_up`，或设为 \"auto\"".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_stand_in_both_languages() {
        let warning = Warning::NotStationary {
            facility: "desk".to_owned(),
            utilisation: 0.987,
            growth_per_day: 1.25,
        };
        for language in [Language::En, Language::Zh] {
            let text = warning_text(&warning, language);
            assert!(
                ["`desk`", "98.7%", "1.250"].iter().all(|part| text.contains(part)),
                "{text}"
            );
        }
        assert!(warning_text(&warning, Language::Zh).contains("利用率"));
    }
}
