//! Where a customer came from: the columns `source`, `source_normalized` and `campaign_id`. `campaign`, a later module,
//! decides which campaign a parameter of /start names.

use crate::ids::CampaignId;

/// A new customer's source, from the parameter of /start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The value of `users.source`.
    pub source: String,
    /// The campaign of the source, if there is one.
    pub campaign: Option<CampaignId>,
}

impl Origin {
    /// The source of a customer whose /start has no parameter, or a parameter that does not name a source.
    #[must_use]
    pub fn direct() -> Self {
        Self { source: "direct".into(), campaign: None }
    }

    /// The source in lower case without spaces and `ref_`, as filters compare it.
    #[must_use]
    pub fn normalized(&self) -> String {
        normalized_source(&self.source)
    }
}

/// A source in lower case without spaces and `ref_`, as filters compare it.
#[must_use]
pub fn normalized_source(source: &str) -> String {
    let lower: String = source.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    lower.strip_prefix("ref_").map_or(lower.clone(), ToOwned::to_owned)
}
