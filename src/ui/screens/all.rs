//! All screens.

use crate::app::ScreenId;
use crate::ui::screens::export::Export;
use crate::ui::screens::labels::Labels;
use crate::ui::screens::pages::Activity;
use crate::ui::screens::photos::Photos;
use crate::ui::screens::review::Review;
use crate::ui::screens::screen::Screen;
use crate::ui::screens::settings::Settings;

/// One of each, so that each keeps its state while another is shown.
#[derive(Default)]
pub(crate) struct Screens {
    photos: Photos,
    pub(crate) review: Review,
    pub(crate) labels: Labels,
    export: Export,
    activity: Activity,
    settings: Settings,
}

impl Screens {
    /// The screen of this name.
    pub(crate) fn get(&mut self, id: ScreenId) -> &mut dyn Screen {
        match id {
            ScreenId::Photos => &mut self.photos,
            ScreenId::Review => &mut self.review,
            ScreenId::Labels => &mut self.labels,
            ScreenId::Export => &mut self.export,
            ScreenId::Activity => &mut self.activity,
            ScreenId::Settings => &mut self.settings,
        }
    }
}
