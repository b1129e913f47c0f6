# The words of the window in English. The other files have the same keys with the same arguments.
#
# Style: sentence case; buttons and menu entries begin with a verb; an ellipsis marks commands that ask
# for more; present tense, active voice; the field's words: photo, label, tag, sidecar, keyword.

## Things and numbers

photos = { $count ->
    [one] { $count } photo
   *[other] { $count } photos
}
files = { $count ->
    [one] { $count } file
   *[other] { $count } files
}
sidecars = { $count ->
    [one] { $count } sidecar
   *[other] { $count } sidecars
}
photos-and-sidecars = { $photos } and { $sidecars }
bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
photos-selected = { $count ->
    [one] { $count } photo selected
   *[other] { $count } photos selected
}
selected = { $count } selected
suggested = { $count } suggested
photos-shown = { $shown } of { $count ->
    [one] { $count } photo
   *[other] { $count } photos
}
of = { $some } of { $all }
and = and
and-more = … and { $count } more
percent = { $share } %
percent-least = less than { $share } %
size-kb = { $size } kB
size-mb = { $size } MB
size-gb = { $size } GB
time-seconds = { $seconds } s
time-minutes = { $minutes } min
time-hours = { $hours } h { $minutes } min
ago-now = Just now
ago-minutes = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}

## Dates

month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
weekday = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}
date-month = { $month } { $year }
date-day = { $weekday }, { $day } { $month } { $year }
captured = Taken { $time }
captured-by-name = Taken { $day }, by its name
captured-changed = Changed { $day }

## Words of many places

accept = Accept
reject = Reject
accept-all = Accept all
reject-all = Reject all
select = Select
undo = Undo
cancel = Cancel
apply = Apply
discard = Discard
previous = Previous
next = Next
tags = Tags
folders = Folders
all-photos = All photos
edit-label = Edit label
why-tag = Why this tag?
key-enter = Enter
key-left = Left arrow
key-right = Right arrow

## Screens

screen-photos = Photos
screen-review = Review
screen-labels = Labels
screen-export = Export
screen-activity = Activity
screen-settings = Settings

## Menus and commands

menu-file = File
menu-edit = Edit
menu-view = View
menu-library = Library
menu-help = Help
action-step = { $action } { $step }
action-add-folder = Add folder…
action-type-folder = Add folder by path…
action-try-samples = Try the sample photos
action-rescan = Rescan all folders
action-retry-failed = Retry failed photos
action-reveal = Show in file manager
action-preview-export = Export sidecars…
action-undo-export = Undo last export
action-quit = Quit
action-undo = Undo
action-redo = Redo
action-select-all = Select all photos
action-select-none = Select none
action-accept = Accept suggestions
action-reject = Reject suggestions
action-add-tag = Add a tag…
action-copy-tags = Copy tags
action-paste-tags = Paste tags
action-copy-path = Copy path
action-find-similar = Find similar photos
action-search = Search
action-clear-filters = Show all photos
action-show-photos = Photos
action-show-review = Review
action-show-labels = Labels
action-check-labels = Check labels
action-show-export = Export
action-show-activity = Activity
action-show-settings = Settings
action-preview = Large preview
action-full-screen = Full screen
action-toggle-sidebar = Side bar
action-toggle-inspector = Inspector
action-larger-tiles = Larger thumbnails
action-smaller-tiles = Smaller thumbnails
action-toggle-theme = Switch between light and dark
action-toggle-pause = Pause or resume
shortcuts = Keyboard shortcuts
action-palette = All commands…
step-decision = decision on “{ $label }”
step-decisions = { $count } decisions
step-labels = change of labels
palette = Command
palette-hint = What would you like to do?
palette-none = No matching commands

## Why a command is not available

refusal-pictures = Available on the Photos and Review screens.
refusal-photos = Available on the Photos screen.
refusal-of = “{ $action }”: { $reason }
refusal-select-first = Select photos first: click one, or press Ctrl+A to select all.
refusal-select-one = Select a photo first.
refusal-undo = There is nothing to undo.
refusal-redo = There is nothing to redo.
refusal-no-photos = There are no photos here.
refusal-no-failures = There are no failed photos.
refusal-copy-first = Copy the tags of a photo first.

## Context menus

menu-retry = Retry
menu-let-decide = Let Taglens decide
menu-show-photos = Show photos
menu-review = Review suggestions
menu-add-label = Add to labels
menu-add-label-hint = Taglens will look for it in all photos
menu-rename = Rename…
menu-merge = Merge into…
menu-delete-label = Delete label
menu-delete-label-hint = Photos keep the tags that you confirmed
menu-pause-watching = Pause watching
menu-resume-watching = Resume watching
menu-remove-folder = Remove from library
menu-remove-folder-hint = Photos are not deleted, and your decisions are kept
menu-add-to-selection = Add to selection

## The status bar

status-ready = Ready
status-starting = Starting…
status-paused = Paused
status-scanning = Scanning folders: { $photos } found
status-reading = Reading { $done } of { $total }, { $speed } photos/s
status-reading-left = Reading { $done } of { $total }, { $speed } photos/s, { $left } left
status-tagging = Updating tags
status-again = Reading known photos again
status-idle = Up to date
status-calibrating = { $model }, calibrating
status-calibrating-why = This model was not measured on photographs. Its tags are rough until at least 16 photos are read and none is left to read. Then they follow what is usual in this library, and the built-in model’s verdicts on photos that it has read too.
status-pause = Pause
status-resume = Resume
status-failed = { $count } failed

## The first start

welcome-heading = Choose a folder with photos
welcome-text = Taglens looks at every photo and suggests tags for it. Nothing leaves this computer, and no photo is changed.
welcome-choose = Choose a folder
welcome-type = Type a path
welcome-drop = or drop folders anywhere in this window
welcome-recent = Recent folders
welcome-model = The built-in model is ready
welcome-model-text = It is fast and works offline. Full CLIP models recognise more. Each is downloaded once, and then works offline too.
welcome-models = All models

## The side bar

folders-add = + Add
folders-add-hint = Add a folder
folder-waiting = { $count } not read yet
folder-watching = watching
folder-paused = paused
folder-offline = offline
searches = Saved searches
searches-remove = Remove saved search
searches-none = Choose a filter first.
searches-saved = “{ $name }” saved. Find it in the side bar.
labels-edit = Edit
labels-edit-hint = Edit labels
labels-find-one = Find a label
labels-none-yet = Labels on your photos appear here.
labels-none-match = No matching labels

## Search and filters

search = Search
search-hint = Search: words, tag:dog, folder:2024
search-filters = Filters
search-meaning = What photos show
search-files = Files
search-more = Show less similar photos
search-busy = Still working on the last search.
search-not-read = { $name } has not been read yet
search-nothing-read = no photo has been read yet
search-no-label = there is no label “{ $label }” any more
filter = Filter
filter-date = Date
filter-camera = Camera
filter-no-camera = No camera information
filter-format = Format
filter-save = Save search
filter-save-hint = Keeps the filters in use in the side bar
filter-year = All of { $year }
filter-remove = Remove this filter
filter-clear = Clear all
filter-in = in { $folder }
filter-tagged = tagged { $label }
filter-like = like “{ $sought }”
filter-similar = similar to { $name }
filter-searching = searching for “{ $sought }”…
filter-tags-tagged = Tagged
filter-tags-untagged = Untagged
filter-tags-suggested = With suggestions
filter-tags-confirmed = Confirmed
filter-tags-failed = Failed

## The photos

photos-none-yet = No photos yet
photos-none-yet-hint = Photos appear here as they are found.
photos-none-match = No matching photos
thumbnail-size = Thumbnail size
order-name = Name
order-newest = Newest first
order-oldest = Oldest first
order-confidence = Confidence
group-none = No groups
group-folder = By folder
group-day = By day
group-select = Select { $name }, { $photos }
scrubber-date = Date: { $date }
tile-failed = Cannot be read
tile-waiting = Waiting
tile-no-preview = No preview
tile-no-tags = { $name }, no tags
tile-incomplete = incomplete
chip-accepted = accepted
chip-suggested = suggested
chip-rejected = rejected
loupe-back = Back to grid
loupe-full-screen-hint = F11. Press Escape to exit.
loupe-actual = 100 %
loupe-actual-hint = Z or double-click: show every pixel
loupe-whole = Whole photo
loupe-whole-hint = Z or double-click

## The inspector

inspector-none = Select a photo to see its details.
inspector-unread = { $count } of them not read yet
inspector-enlarge = Press Space to enlarge
inspector-with = With { $files }
inspector-incomplete = Incomplete: the file ends early, and the grey part is missing
similar-photos = Similar photos
similar-photo = Similar: { $name }
similar-all = All
similar-searching = Searching…
similar-none = No similar photos
tags-confirmed = Confirmed
tags-automatic = Automatic
tags-suggested = Suggested
tags-rejected = Rejected
tags-counting = Counting their tags…
tags-none = No tags yet.
tags-unread = { $count ->
    [one] Tags appear once the photo has been read.
   *[other] Tags appear once the photos have been read.
}
tag-accept = Accept { $label }
tag-accept-all = { $count ->
    [2] Accept { $label } for both photos
   *[other] Accept { $label } for all { $count } photos
}
tag-reject = Reject { $label }
tag-reject-all = { $count ->
    [2] Reject { $label } for both photos
   *[other] Reject { $label } for all { $count } photos
}
tag-let-decide = Let Taglens decide { $label }
tag-let-decide-all = { $count ->
    [2] Let Taglens decide { $label } for both photos
   *[other] Let Taglens decide { $label } for all { $count } photos
}
tag-add = Add a tag
tag-create = Create “{ $name }”
tag-recent = Recent
tag-add-to = Add a tag to { $count } photos
tag-drop = { $count ->
    [one] Add “{ $label }” to { $count } photo
   *[other] Add “{ $label }” to { $count } photos
}
tags-none-to-copy = This photo has no tags to copy.
tags-copied = Copied: { $labels }.
tags-not-read-yet = These photos have not been read yet.
tags-pasted = { $count ->
    [one] { $count } tag added to { $photos }.
   *[other] { $count } tags added to { $photos }.
}

## Why a photo has a label

why-no-result = The model has no result for this label and photo.
why-confidence = Confidence { $confidence } %; applied at { $threshold } % or more.
why-resembles = It resembles “{ $label }” more than { $share } of photos without “{ $label }” do, judging by { $basis }.
why-basis-general = what is usual for words in general
why-basis-library = { $count ->
    [one] { $count } photo of your library
   *[other] { $count } photos of your library
}
why-no-better-word = No other common word fits it better.
why-better-words = { $count ->
    [one] { $count } other common word fits it better.
   *[other] { $count } other common words fit it better.
}
why-excluded = It looks more like “{ $text }”, which the label excludes.
why-expected = “{ $label }” is expected on { $share } of photos.
why-only-below = “{ $label }” is given only with a label below it.
why-learned = { $count ->
    [one] { $count } decision of yours adjusts the label.
   *[other] { $count } decisions of yours adjust the label.
}
why-calibrated = Nobody measured this model on photographs: its confidences follow the built-in model’s verdicts on photos of this library.
why-not-calibrated = Nobody measured this model on photographs, and too few photos here were read by it and the built-in model: its confidences are rough.
why-neighbour = It looks like { $name }, which you accepted.

## Decisions

decide-no-suggestions = There are no suggestions for the selected photos.
decide-many = { $count ->
    [one] { $count } decision on { $photos }.
   *[other] { $count } decisions on { $photos }.
}
decide-accepted = “{ $label }” accepted for { $photos }.
decide-rejected = “{ $label }” rejected for { $photos }.
decide-withdrawn = Decision on “{ $label }” withdrawn for { $photos }.
decide-undone-hidden = { $count ->
    [one] Undone on { $count } photo that is not shown here.
   *[other] Undone on { $count } photos that are not shown here.
}
decide-redone-hidden = { $count ->
    [one] Redone on { $count } photo that is not shown here.
   *[other] Redone on { $count } photos that are not shown here.
}
undo-nothing-more = There is nothing more to undo or redo.
learned = Learned from your decisions: { $changes }.
learned-more-tagged = { $count ->
    [one] { $count } more photo tagged
   *[other] { $count } more photos tagged
}
learned-fewer-tagged = { $count ->
    [one] { $count } fewer photo tagged
   *[other] { $count } fewer photos tagged
}
learned-more-suggested = { $count ->
    [one] { $count } more photo with a suggestion
   *[other] { $count } more photos with a suggestion
}
learned-fewer-suggested = { $count ->
    [one] { $count } fewer photo with a suggestion
   *[other] { $count } fewer photos with a suggestion
}

## The review

review-heading = Is this “{ $label }”?
review-some = { $count ->
    [one] { $page } of { $count } photo, most likely first
   *[other] { $page } of { $count } photos, most likely first
}
review-all = { $count ->
    [one] { $count } photo, most likely first
   *[other] { $count } photos, most likely first
}
review-accept-all = Accept all { $count }
review-reject-all = Reject all { $count }
review-split = Accept { $accepted }, reject { $rejected }
review-keys-wrong = Click the wrong ones · A accepts · X rejects · U undoes · Space shows large
review-keys-right = Click the right ones · A accepts · X rejects · U undoes · Space shows large
review-photo-keys = A accepts · X rejects · U undoes · arrow keys move
review-by-label = By label
review-by-photo = By photo
review-remaining = { $count } left
review-time-left = about { $left }
review-done = Session complete
review-left = { $count ->
    [one] { $count } suggestion is left for another time.
   *[other] { $count } suggestions are left for another time.
}
review-another = Start another session
review-nothing = Nothing to review
review-nothing-hint = Tags that Taglens is not sure of appear here.
review-back = Back to photos

## The labels

labels-built-in = Built-in
labels-count = { $count ->
    [one] { $count } label
   *[other] { $count } labels
}
labels-tree = Tree
labels-text = Text
labels-text-hint = One label per line. Indent with tabs to nest. Use TOML for more options.
labels-check = Check
labels-check-hint = Find labels that match no photos or are too similar
labels-import = Import…
labels-export = Export…
labels-by-path = By path
labels-import-path = Import from a path…
labels-export-path = Export to a path…
labels-new = New label
labels-new-hint = New label, or a pasted list
labels-drop-top = Drop here for the top level
labels-find = Find
labels-select = Select a label to edit it, or try a new one.
labels-comparing = Comparing with your photos…
labels-try = Try
labels-try-field = Try a label
labels-try-hint = Try any text to see which photos match
labels-add = Add label
labels-similar = Too similar
labels-distinct = All labels are distinct.
labels-similarity = similarity { $similarity }
labels-unmatched = { $count ->
    [one] Not found in { $count } photo
   *[other] Not found in { $count } photos
}
labels-all-match = Every label matches a photo.
labels-full-format = Labels are now saved in the full format, which can hold synonyms and thresholds.
labels-imported = “{ $name }” is now in use. Changes to its file are picked up automatically.
labels-exported = Labels exported to { $path }.
labels-not-written = { $path } cannot be written: { $error }
label-name = Name of the label
label-rename-hint = Press Enter to rename
label-export = Export
label-delete = Delete
label-synonyms = Synonyms, one per line
label-model-names = The model reads: { $names }
label-prompts = Prompts
label-negatives = Exclude if it looks like
label-move = Move under…
label-to-top = Move to top level
label-merge = Merge into
label-learns = Learns from decisions
label-learning = { $accepted } accepted, { $rejected } rejected: { $what }
label-reset = Reset learning
label-reset-hint = Your decisions are kept, but the label no longer learns from them.
learning-off = off
learning-too-few = needs three decisions
learning-waiting = waiting
learning-active = active
learning-no-gain = not used, because it would not improve the tags
scores-reached = “{ $label }” reaches { $threshold } % on { $reached } of { $count ->
    [one] { $count } photo
   *[other] { $count } photos
}
scores-threshold = Threshold of { $label }
scores-threshold-hint = Drag to set the confidence at which the label is applied
scores-default = Use default threshold
scores-none = No photo reaches the threshold. The closest:
scores-some = Photos that reach it, least certain first

## The export

export-about-sidecars = Tags are written as keywords into XMP files beside your photos. Nothing else in those files changes, and your photos are never touched.
export-about-photos = Tags are written as keywords into your photos, and where that is not safe into XMP files beside them. Nothing else in those files changes. Each photo is checked before it is replaced.
export-only-confirmed = Tags that you confirmed are written. The keywords of all other tags are removed where Taglens wrote them. Keywords of other programs stay.
export-about-preview = Preview shows every change before it is made.
export-writing = Writing: { $done } of { $total }
export-comparing = Comparing: { $done } of { $total }
export-nothing = Nothing to write. No change: { $unchanged }.
export-ready = { $files } to write. No change: { $unchanged }.
export-preview = Preview
export-write = Write { $files }
export-folder = Folder “{ $name }”
export-confirmed-only = Confirmed tags only
export-confirmed-only-hint = Leaves out tags that Taglens applied and you did not confirm
export-history = { $count ->
    [one] History: { $count } export
   *[other] History: { $count } exports
}
export-past = { $when }: { $files }
export-undo-later = Undo this and { $count } later
export-undo-hint = Restores these files exactly as they were, to the byte
export-names = Names
export-names-stem = IMG.xmp for raw files
export-show-diff = Show what changes in the file
export-in-photo-added = inside the photo: { $changed } are added
export-in-photo-same = inside the photo: { $changed } change, same length
export-in-photo-longer = inside the photo: { $changed } change, { $by } longer
export-in-photo-shorter = inside the photo: { $changed } change, { $by } shorter
export-in-sidecar = in a sidecar: { $why }
export-in-old-sidecar = in the sidecar that is there
export-other-changes = Other changes
export-for = Export for
export-for-program = Export for { $program }
export-any-program = Any program
export-into-photos = Write into photos
export-into-photos-hint = Off: exports of this library never change a photo
export-sidecars-not-enough = Sidecars alone are not enough for { $program }: switch on “Write into photos”.
export-warning = Let Taglens write keywords into your photos?
export-warning-changes = What changes: the keywords in the metadata of JPEG, PNG, WebP, TIFF and DNG files. The picture and all other data stay, byte for byte. Taglens writes each photo beside the old one and compares both before it replaces anything. What cannot be changed safely gets a sidecar.
export-warning-back = How to go back: History, on this screen, restores the photos of each export that it lists, to the byte, as long as no other program has changed them since.
export-warning-backup = Keep a backup of your photos, as always. Begin with a few selected photos.
export-warning-now = Nothing is written now. Preview shows for each photo the keywords and the size of the change.
export-warning-no = Leave photos untouched
export-warning-yes = Allow for this library
export-runs = An export is already running.
export-nothing-selected = Nothing is selected any more. The preview is of all photos.
export-automatic = { $count ->
    [one] { $count } sidecar written automatically.
   *[other] { $count } sidecars written automatically.
}
export-done = { $files } written. No change: { $unchanged }.
export-stopped = { $files } written. No change: { $unchanged }. Cancelled before the end.
export-not-finished = Not finished: { $error }
export-preview-cancelled = Preview cancelled. Nothing was written.
export-no-undo = There is no export to undo.
export-restored = { $files } restored.
export-partly-restored = { $files } restored, { $kept ->
    [one] { $kept } file
   *[other] { $kept } files
} not:

## Activity

activity-no-failures = All photos could be read.
activity-failures = { $count ->
    [one] { $count } photo cannot be read
   *[other] { $count } photos cannot be read
}
passed-over-heading = Left out
passed-over-videos = { $count ->
    [one] { $count } video
   *[other] { $count } videos
}
passed-over-unsupported = { $count ->
    [one] { $count } file of a kind that is not supported ({ $kinds })
   *[other] { $count } files of kinds that are not supported ({ $kinds })
}
passed-over-ignored = { $count } ignored by a rule
passed-over-other = { $count ->
    [one] { $count } file that is no photo
   *[other] { $count } files that are no photos
}
activity-messages = Messages
activity-no-messages = No messages
scale-heading = Adjustment to this library
scale-done = Tags follow what is usual among the { $photos } of this library: { $added } added, { $removed } removed.
scale-undone = Tags followed what is usual among the { $photos } of this library: { $added } added, { $removed } removed. This is undone.
scale-calibrated = { $adjusted } Confidences follow the built-in model’s verdicts on these photos (slope { $slope }, bias { $bias }).
scale-more = { $count ->
    [one] { $labels }, and { $count } more label
   *[other] { $labels }, and { $count } more labels
}
scale-undo = Undo the adjustment
scale-again = Adjust tags again
scale-changed-since = Tags were adjusted to the library anew, or by another program.

## Settings

settings-appearance = Appearance
settings-language = Language
settings-language-set = Language: { $language }
settings-label-names = Names of built-in labels
settings-label-names-set = Names of built-in labels: { $language }
settings-label-names-hint = Decisions stay. Keywords in sidecars follow at the next export.
settings-theme = Theme
settings-system = System
settings-light = Light
settings-dark = Dark
settings-text-size = Text size
settings-sidecars = Sidecars
settings-auto-export = Write sidecars automatically
settings-auto-export-hint = Sidecars follow every change of tags. You can undo each export on the Export screen. When this is off, nothing is written until you export. Photos are never written automatically.
settings-hierarchical = Hierarchies for Lightroom and darktable
settings-digikam = Tag tree for digiKam
settings-more = More for other programs
settings-parents = Parent keywords
settings-synonyms = Synonyms
settings-windows = Windows tags
settings-mediapro = Catalog sets for Media Pro
settings-acdsee = Categories for ACDSee
settings-confirmed = Which tags you confirmed
settings-confirmed-hint = Without this, a new library treats all tags in sidecars as yours
settings-confidence = Confidence of each tag
settings-performance = Performance
settings-device = Device
settings-devices-wait = Looking for devices…
settings-fastest = Fastest available
settings-fast = Use lower precision where it is faster
settings-fast-hint = Tags hardly change, but all photos are read again
settings-threads = Reading threads
settings-automatic = Automatic
settings-templates = Prompt templates
settings-templates-label = Prompt templates, one per line. {"{}"} stands for the label.
settings-templates-example = The model's own, for example: a photo of the small {"{}"}.
settings-templates-hint = They set how a label is described to the model. Tags update at once, and no photo is read again.
settings-templates-reset = Use the model's own
settings-templates-refused = The templates were not changed: { $reason }.
settings-stacks = Group files of the same photo
settings-stacks-hint = A raw file and its JPEG, a photo and its short video, and Apple's edited copies share one tile and the same tags. Each keeps its own sidecar.
settings-videos = Include videos
settings-videos-hint = MP4, MOV and M4V files are tagged by their first picture.
settings-model = Model
settings-not-saved = The settings could not be saved.

## Models

models-hint = Changing the model reads all photos again. Your decisions are kept.
model-built-in = Built in. Fast, works offline, and good for everyday subjects.
model-own = A model of your own.
model-in-use = In use
model-use = Use
model-use-this = Use { $model }
model-download = Download
model-download-this = Download { $model }
model-fallback = { $error }. The built-in model is used instead.
download-connecting = Connecting…
download-progress = { $done } of { $total } MB, { $speed } MB/s
download-left = { $progress }, { $left } left
download-retrying = { $reason }; trying again
download-verifying = Verifying download
download-installing = Installing…
download-cancelled = Cancelled. The next download continues from here.
download-busy = Another model is downloading. Wait for it, or cancel it first.
download-done = The model { $model } is ready to use.
download-failed = The model { $model } was not downloaded: { $reason }
download-disk-full = { $error }. The model takes about { $size } MB there. Make room and download it again: it continues where it stopped

## Choosing a path

dialog-folders = Choose folders with photos
dialog-import = Import labels
dialog-export = Export labels
path-title-add = Add a folder with photos
path-title-import = Import labels from a file
path-title-export = Export labels to a file
path-folder = Folder
path-file = File
path-example = A path, such as ~/Pictures
path-keys = Up and Down select · Enter opens · Tab completes · Alt+Up goes to the parent folder
path-up = Up
path-up-keys = Alt+Up
path-home = Home
path-home-keys = Alt+Home
path-opening = Opening folder…
path-none = No matching items
path-empty = Nothing to choose from in this folder
path-recent = Recent
path-add = Add “{ $name }”
path-import = Import
path-export = Export
path-replace = Replace “{ $name }”
path-choose-file = Choose a file.
path-name-file = Type a name for the file.
path-is-file = { $name } is a file.
path-is-folder = { $name } is a folder.
path-no-folder = There is no folder “{ $name }”.
path-no-file = There is no file “{ $name }”.
path-no-dialog = This system has no file dialog: no desktop portal answered. You can choose here instead.
path-not-responding = Folders on this system are not responding.

## Messages

toast-show = Show
toast-dismiss = Dismiss
toasts-dismiss-all = Dismiss all { $count }
unsaved-trouble = { $count ->
    [one] { $count } change not saved: { $reason }.
   *[other] { $count } changes not saved: { $reason }.
}
unsaved-late = Not saved yet: the library is not responding.
unsaved-retry = Retry now
unsaved-retrying = { $trouble } Retrying…
unsaved-heading = Quit without saving?
unsaved-text = If you quit now, these changes are lost.
unsaved-stay = Keep Taglens open
unsaved-quit = Quit without saving
library-shared = Another Taglens is using this library. This window shows its progress.
library-busy = Taglens is busy. Try again in a moment.
samples-failed = The sample photos cannot be written: { $error }
reveal-gone = { $path } is not there now. Its disk may not be connected.
reveal-failed = No file manager could be opened for { $path }.
reveal-not-started = The file manager could not be started.
crash = The part of Taglens that { $part } has stopped because of a fault. Nothing is lost. Restart Taglens to continue.
crash-reported = The part of Taglens that { $part } has stopped because of a fault. Nothing is lost. Restart Taglens to continue. A report is in { $report }.
crash-last-time = Taglens closed unexpectedly the last time. Nothing is lost. A report is in { $report }. Please send it to us.
part-library = keeps the library
part-pictures = shows pictures
part-search = searches
