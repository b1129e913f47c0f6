# The words of the window in German. en.ftl explains the style.

## Things and numbers

photos = { $count ->
    [one] { $count } Foto
   *[other] { $count } Fotos
}
files = { $count ->
    [one] { $count } Datei
   *[other] { $count } Dateien
}
sidecars = { $count ->
    [one] { $count } XMP-Datei
   *[other] { $count } XMP-Dateien
}
photos-and-sidecars = { $photos } und { $sidecars }
bytes = { $count ->
    [one] { $count } Byte
   *[other] { $count } Bytes
}
photos-selected = { $count ->
    [one] { $count } Foto ausgewählt
   *[other] { $count } Fotos ausgewählt
}
selected = { $count } ausgewählt
suggested = { $count } vorgeschlagen
photos-shown = { $count ->
    [one] { $shown } von { $count } Foto
   *[other] { $shown } von { $count } Fotos
}
of = { $some } von { $all }
and = und
and-more = … und { $count } weitere
percent = { $share } %
percent-least = weniger als { $share } %
size-kb = { $size } kB
size-mb = { $size } MB
size-gb = { $size } GB
time-seconds = { $seconds } s
time-minutes = { $minutes } min
time-hours = { $hours } h { $minutes } min
ago-now = Gerade eben
ago-minutes = { $count ->
    [one] Vor { $count } Minute
   *[other] Vor { $count } Minuten
}
ago-hours = { $count ->
    [one] Vor { $count } Stunde
   *[other] Vor { $count } Stunden
}
ago-days = { $count ->
    [one] Vor { $count } Tag
   *[other] Vor { $count } Tagen
}

## Dates

month = { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
}
weekday = { $weekday ->
    [1] Montag
    [2] Dienstag
    [3] Mittwoch
    [4] Donnerstag
    [5] Freitag
    [6] Samstag
   *[7] Sonntag
}
date-month = { $month } { $year }
date-day = { $weekday }, { $day }. { $month } { $year }
captured = Aufgenommen { $time }
captured-by-name = Aufgenommen { $day }, laut Dateiname
captured-changed = Geändert { $day }

## Words of many places

accept = Annehmen
reject = Ablehnen
accept-all = Alle annehmen
reject-all = Alle ablehnen
select = Auswählen
undo = Rückgängig machen
cancel = Abbrechen
apply = Anwenden
discard = Verwerfen
previous = Zurück
next = Weiter
tags = Tags
folders = Ordner
all-photos = Alle Fotos
edit-label = Label bearbeiten
why-tag = Warum dieses Tag?
key-enter = Eingabetaste
key-left = Pfeil links
key-right = Pfeil rechts

## Screens

screen-photos = Fotos
screen-review = Prüfen
screen-labels = Labels
screen-export = Export
screen-activity = Aktivität
screen-settings = Einstellungen

## Menus and commands

menu-file = Datei
menu-edit = Bearbeiten
menu-view = Ansicht
menu-library = Bibliothek
menu-help = Hilfe
action-step = { $action }: { $step }
action-add-folder = Ordner hinzufügen …
action-type-folder = Ordner über Pfad hinzufügen …
action-try-samples = Beispielfotos ausprobieren
action-rescan = Alle Ordner neu einlesen
action-retry-failed = Fehlgeschlagene Fotos erneut lesen
action-reveal = In der Dateiverwaltung anzeigen
action-preview-export = XMP-Dateien exportieren …
action-undo-export = Letzten Export rückgängig machen
action-quit = Beenden
action-undo = Rückgängig machen
action-redo = Wiederholen
action-select-all = Alle Fotos auswählen
action-select-none = Auswahl aufheben
action-accept = Vorschläge annehmen
action-reject = Vorschläge ablehnen
action-add-tag = Tag hinzufügen …
action-copy-tags = Tags kopieren
action-paste-tags = Tags einfügen
action-copy-path = Pfad kopieren
action-find-similar = Ähnliche Fotos suchen
action-search = Suchen
action-clear-filters = Alle Fotos anzeigen
action-show-photos = Fotos
action-show-review = Prüfen
action-show-labels = Labels
action-check-labels = Labels überprüfen
action-show-export = Export
action-show-activity = Aktivität
action-show-settings = Einstellungen
action-preview = Große Vorschau
action-full-screen = Vollbild
action-toggle-sidebar = Seitenleiste
action-toggle-inspector = Details
action-larger-tiles = Größere Vorschaubilder
action-smaller-tiles = Kleinere Vorschaubilder
action-toggle-theme = Zwischen hell und dunkel wechseln
action-toggle-pause = Anhalten oder fortsetzen
shortcuts = Tastenkürzel
action-palette = Alle Befehle …
step-decision = Entscheidung über „{ $label }“
step-decisions = { $count } Entscheidungen
step-labels = Änderung der Labels
palette = Befehl
palette-hint = Was soll geschehen?
palette-none = Keine passenden Befehle

## Why a command is not available

refusal-pictures = Auf den Seiten „Fotos“ und „Prüfen“ verfügbar.
refusal-photos = Auf der Seite „Fotos“ verfügbar.
refusal-of = „{ $action }“: { $reason }
refusal-select-first = Zuerst Fotos auswählen: eines anklicken oder mit Strg+A alle auswählen.
refusal-select-one = Zuerst ein Foto auswählen.
refusal-undo = Es gibt nichts rückgängig zu machen.
refusal-redo = Es gibt nichts zu wiederholen.
refusal-no-photos = Hier sind keine Fotos.
refusal-no-failures = Es gibt keine fehlgeschlagenen Fotos.
refusal-copy-first = Zuerst die Tags eines Fotos kopieren.

## Context menus

menu-retry = Erneut lesen
menu-let-decide = Taglens entscheiden lassen
menu-show-photos = Fotos anzeigen
menu-review = Vorschläge prüfen
menu-add-label = Zu den Labels hinzufügen
menu-add-label-hint = Taglens sucht danach in allen Fotos
menu-rename = Umbenennen …
menu-merge = Zusammenführen mit …
menu-delete-label = Label löschen
menu-delete-label-hint = Fotos behalten die bestätigten Tags
menu-pause-watching = Überwachung anhalten
menu-resume-watching = Überwachung fortsetzen
menu-remove-folder = Aus der Bibliothek entfernen
menu-remove-folder-hint = Fotos werden nicht gelöscht, und alle Entscheidungen bleiben erhalten
menu-add-to-selection = Zur Auswahl hinzufügen

## The status bar

status-ready = Bereit
status-starting = Wird gestartet …
status-paused = Angehalten
status-scanning = Ordner werden durchsucht: { $photos } gefunden
status-reading = Lesen: { $done } von { $total }, { $speed } Fotos/s
status-reading-left = Lesen: { $done } von { $total }, { $speed } Fotos/s, noch { $left }
status-tagging = Tags werden aktualisiert
status-again = Bekannte Fotos werden neu gelesen
status-idle = Auf dem neuesten Stand
status-calibrating = { $model }, wird kalibriert
status-calibrating-why = Dieses Modell wurde nicht an Fotos gemessen. Seine Tags sind grob, bis mindestens 16 Fotos gelesen sind und keins mehr zu lesen ist. Dann folgen sie dem, was in dieser Bibliothek üblich ist, und den Urteilen des eingebauten Modells über Fotos, die auch er gelesen hat.
status-pause = Anhalten
status-resume = Fortsetzen
status-failed = { $count } fehlgeschlagen

## The first start

welcome-heading = Einen Ordner mit Fotos auswählen
welcome-text = Taglens sieht sich jedes Foto an und schlägt Tags dafür vor. Nichts verlässt diesen Computer, und kein Foto wird verändert.
welcome-choose = Ordner auswählen
welcome-type = Pfad eingeben
welcome-drop = oder Ordner irgendwo in diesem Fenster ablegen
welcome-recent = Zuletzt verwendete Ordner
welcome-model = Das eingebaute Modell ist bereit
welcome-model-text = Es ist schnell und funktioniert ohne Internet. Vollständige CLIP-Modelle erkennen mehr. Jedes wird einmal heruntergeladen und funktioniert dann ebenfalls ohne Internet.
welcome-models = Alle Modelle

## The side bar

folders-add = + Neu
folders-add-hint = Ordner hinzufügen
folder-waiting = { $count } noch nicht gelesen
folder-watching = überwacht
folder-paused = angehalten
folder-offline = nicht verbunden
searches = Gespeicherte Suchen
searches-remove = Gespeicherte Suche entfernen
searches-none = Zuerst einen Filter wählen.
searches-saved = „{ $name }“ gespeichert. Die Suche steht in der Seitenleiste.
labels-edit = Bearbeiten
labels-edit-hint = Labels bearbeiten
labels-find-one = Label suchen
labels-none-yet = Die Labels der Fotos erscheinen hier.
labels-none-match = Keine passenden Labels

## Search and filters

search = Suchen
search-hint = Suchen: Wörter, tag:Hund, folder:2024
search-filters = Filter
search-meaning = Was Fotos zeigen
search-files = Dateien
search-more = Weniger ähnliche Fotos anzeigen
search-busy = Die letzte Suche läuft noch.
search-not-read = { $name } wurde noch nicht gelesen
search-nothing-read = es wurde noch kein Foto gelesen
search-no-label = das Label „{ $label }“ gibt es nicht mehr
filter = Filter
filter-date = Datum
filter-camera = Kamera
filter-no-camera = Keine Angaben zur Kamera
filter-format = Format
filter-save = Suche speichern
filter-save-hint = Behält die aktiven Filter in der Seitenleiste
filter-year = Ganzes Jahr { $year }
filter-remove = Diesen Filter entfernen
filter-clear = Alle entfernen
filter-in = in { $folder }
filter-tagged = mit { $label }
filter-like = wie „{ $sought }“
filter-similar = ähnlich wie { $name }
filter-searching = „{ $sought }“ wird gesucht …
filter-tags-tagged = Mit Tags
filter-tags-untagged = Ohne Tags
filter-tags-suggested = Mit Vorschlägen
filter-tags-confirmed = Bestätigt
filter-tags-failed = Fehlgeschlagen

## The photos

photos-none-yet = Noch keine Fotos
photos-none-yet-hint = Fotos erscheinen hier, sobald sie gefunden werden.
photos-none-match = Keine passenden Fotos
thumbnail-size = Größe der Vorschaubilder
order-name = Name
order-newest = Neueste zuerst
order-oldest = Älteste zuerst
order-confidence = Sicherheit
group-none = Keine Gruppen
group-folder = Nach Ordner
group-day = Nach Tag
group-select = { $name } auswählen, { $photos }
scrubber-date = Datum: { $date }
tile-failed = Nicht lesbar
tile-waiting = Wartet
tile-no-preview = Keine Vorschau
tile-no-tags = { $name }, keine Tags
tile-incomplete = unvollständig
chip-accepted = angenommen
chip-suggested = vorgeschlagen
chip-rejected = abgelehnt
loupe-back = Zurück zum Raster
loupe-full-screen-hint = F11. Escape beendet das Vollbild.
loupe-actual = 100 %
loupe-actual-hint = Z oder Doppelklick: jedes Pixel zeigen
loupe-whole = Ganzes Foto
loupe-whole-hint = Z oder Doppelklick

## The inspector

inspector-none = Ein Foto auswählen, um Details zu sehen.
inspector-unread = { $count } davon noch nicht gelesen
inspector-enlarge = Leertaste vergrößert
inspector-with = Mit { $files }
inspector-incomplete = Unvollständig: Die Datei endet zu früh, der graue Teil fehlt
similar-photos = Ähnliche Fotos
similar-photo = Ähnlich: { $name }
similar-all = Alle
similar-searching = Wird gesucht …
similar-none = Keine ähnlichen Fotos
tags-confirmed = Bestätigt
tags-automatic = Automatisch
tags-suggested = Vorgeschlagen
tags-rejected = Abgelehnt
tags-counting = Tags werden gezählt…
tags-none = Noch keine Tags.
tags-unread = { $count ->
    [one] Tags erscheinen, sobald das Foto gelesen ist.
   *[other] Tags erscheinen, sobald die Fotos gelesen sind.
}
tag-accept = { $label } annehmen
tag-accept-all = { $count ->
    [2] { $label } für beide Fotos annehmen
   *[other] { $label } für alle { $count } Fotos annehmen
}
tag-reject = { $label } ablehnen
tag-reject-all = { $count ->
    [2] { $label } für beide Fotos ablehnen
   *[other] { $label } für alle { $count } Fotos ablehnen
}
tag-let-decide = Taglens über { $label } entscheiden lassen
tag-let-decide-all = { $count ->
    [2] Taglens bei beiden Fotos über { $label } entscheiden lassen
   *[other] Taglens bei allen { $count } Fotos über { $label } entscheiden lassen
}
tag-add = Tag hinzufügen
tag-create = „{ $name }“ anlegen
tag-recent = Zuletzt verwendet
tag-add-to = Tag zu { $count } Fotos hinzufügen
tag-drop = { $count ->
    [one] „{ $label }“ zu { $count } Foto hinzufügen
   *[other] „{ $label }“ zu { $count } Fotos hinzufügen
}
tags-none-to-copy = Dieses Foto hat keine Tags zum Kopieren.
tags-copied = Kopiert: { $labels }.
tags-not-read-yet = Diese Fotos wurden noch nicht gelesen.
tags-pasted = { $count ->
    [one] { $count } Tag zu { $photos } hinzugefügt.
   *[other] { $count } Tags zu { $photos } hinzugefügt.
}

## Why a photo has a label

why-no-result = Das Modell hat kein Ergebnis für dieses Label und Foto.
why-confidence = Sicherheit { $confidence } %; wird ab { $threshold } % vergeben.
why-resembles = Es ähnelt „{ $label }“ mehr als { $share } der Fotos ohne „{ $label }“, gemessen an { $basis }.
why-basis-general = dem, was bei Wörtern allgemein üblich ist
why-basis-library = { $count ->
    [one] { $count } Foto der Bibliothek
   *[other] { $count } Fotos der Bibliothek
}
why-no-better-word = Kein anderes häufiges Wort passt besser.
why-better-words = { $count ->
    [one] { $count } anderes häufiges Wort passt besser.
   *[other] { $count } andere häufige Wörter passen besser.
}
why-excluded = Es sieht eher nach „{ $text }“ aus, was das Label ausschließt.
why-expected = „{ $label }“ wird auf { $share } der Fotos erwartet.
why-only-below = „{ $label }“ wird nur mit einem Label darunter vergeben.
why-learned = { $count ->
    [one] { $count } eigene Entscheidung passt das Label an.
   *[other] { $count } eigene Entscheidungen passen das Label an.
}
why-calibrated = Dieses Modell wurde nicht an Fotos gemessen: Die Sicherheit folgt den Urteilen des eingebauten Modells über Fotos dieser Bibliothek.
why-not-calibrated = Dieses Modell wurde nicht an Fotos gemessen, und zu wenige Fotos wurden hier von ihm und vom eingebauten Modell gelesen: Die Sicherheit ist grob geschätzt.
why-neighbour = Es sieht aus wie das angenommene Foto { $name }.

## Decisions

decide-no-suggestions = Für die ausgewählten Fotos gibt es keine Vorschläge.
decide-many = { $count ->
    [one] { $count } Entscheidung für { $photos }.
   *[other] { $count } Entscheidungen für { $photos }.
}
decide-accepted = „{ $label }“ für { $photos } angenommen.
decide-rejected = „{ $label }“ für { $photos } abgelehnt.
decide-withdrawn = Entscheidung über „{ $label }“ für { $photos } zurückgenommen.
decide-undone-hidden = { $count ->
    [one] Für { $count } Foto rückgängig gemacht, das hier nicht zu sehen ist.
   *[other] Für { $count } Fotos rückgängig gemacht, die hier nicht zu sehen sind.
}
decide-redone-hidden = { $count ->
    [one] Für { $count } Foto wiederholt, das hier nicht zu sehen ist.
   *[other] Für { $count } Fotos wiederholt, die hier nicht zu sehen sind.
}
undo-nothing-more = Es gibt nichts mehr rückgängig zu machen oder zu wiederholen.
learned = Aus Entscheidungen gelernt: { $changes }.
learned-more-tagged = { $count ->
    [one] { $count } Foto mehr mit Tag
   *[other] { $count } Fotos mehr mit Tag
}
learned-fewer-tagged = { $count ->
    [one] { $count } Foto weniger mit Tag
   *[other] { $count } Fotos weniger mit Tag
}
learned-more-suggested = { $count ->
    [one] { $count } Foto mehr mit Vorschlag
   *[other] { $count } Fotos mehr mit Vorschlag
}
learned-fewer-suggested = { $count ->
    [one] { $count } Foto weniger mit Vorschlag
   *[other] { $count } Fotos weniger mit Vorschlag
}

## The review

review-heading = Ist das „{ $label }“?
review-some = { $count ->
    [one] { $page } von { $count } Foto, die wahrscheinlichsten zuerst
   *[other] { $page } von { $count } Fotos, die wahrscheinlichsten zuerst
}
review-all = { $count ->
    [one] { $count } Foto
   *[other] { $count } Fotos, die wahrscheinlichsten zuerst
}
review-accept-all = Alle { $count } annehmen
review-reject-all = Alle { $count } ablehnen
review-split = { $accepted } annehmen, { $rejected } ablehnen
review-keys-wrong = Falsche anklicken · A nimmt an · X lehnt ab · U macht rückgängig · Leertaste zeigt groß
review-keys-right = Richtige anklicken · A nimmt an · X lehnt ab · U macht rückgängig · Leertaste zeigt groß
review-photo-keys = A nimmt an · X lehnt ab · U macht rückgängig · Pfeiltasten bewegen
review-by-label = Nach Label
review-by-photo = Nach Foto
review-remaining = noch { $count }
review-time-left = etwa { $left }
review-done = Sitzung abgeschlossen
review-left = { $count ->
    [one] { $count } Vorschlag bleibt für ein anderes Mal.
   *[other] { $count } Vorschläge bleiben für ein anderes Mal.
}
review-another = Weitere Sitzung beginnen
review-nothing = Nichts zu prüfen
review-nothing-hint = Tags, bei denen Taglens nicht sicher ist, erscheinen hier.
review-back = Zurück zu den Fotos

## The labels

labels-built-in = Eingebaut
labels-count = { $count ->
    [one] { $count } Label
   *[other] { $count } Labels
}
labels-tree = Baum
labels-text = Text
labels-text-hint = Ein Label pro Zeile. Tabulatoren rücken unter das Label darüber ein. TOML bietet mehr Möglichkeiten.
labels-check = Überprüfen
labels-check-hint = Labels suchen, die zu keinem Foto passen oder sich zu ähnlich sind
labels-import = Importieren …
labels-export = Exportieren …
labels-by-path = Über Pfad
labels-import-path = Von einem Pfad importieren …
labels-export-path = In einen Pfad exportieren …
labels-new = Neues Label
labels-new-hint = Neues Label oder eingefügte Liste
labels-drop-top = Für die oberste Ebene hier ablegen
labels-find = Suchen
labels-select = Ein Label zum Bearbeiten auswählen oder ein neues ausprobieren.
labels-comparing = Wird mit den Fotos verglichen …
labels-try = Testen
labels-try-field = Label ausprobieren
labels-try-hint = Beliebigen Text ausprobieren und passende Fotos sehen
labels-add = Label hinzufügen
labels-similar = Zu ähnlich
labels-distinct = Alle Labels sind gut zu unterscheiden.
labels-similarity = Ähnlichkeit { $similarity }
labels-unmatched = { $count ->
    [one] Auf { $count } Foto nicht gefunden
   *[other] Auf { $count } Fotos nicht gefunden
}
labels-all-match = Jedes Label passt zu einem Foto.
labels-full-format = Labels werden nun im vollständigen Format gespeichert, das auch Synonyme und Schwellenwerte enthält.
labels-imported = „{ $name }“ wird nun verwendet. Änderungen an der Datei werden automatisch übernommen.
labels-exported = Labels nach { $path } exportiert.
labels-not-written = { $path } kann nicht geschrieben werden: { $error }
label-name = Name des Labels
label-rename-hint = Eingabetaste benennt um
label-export = Exportieren
label-delete = Löschen
label-synonyms = Synonyme, eines pro Zeile
label-model-names = Das Modell liest: { $names }
label-prompts = Prompts
label-negatives = Ausschließen, wenn es aussieht wie
label-move = Verschieben unter …
label-to-top = Auf die oberste Ebene verschieben
label-merge = Zusammenführen mit
label-learns = Lernt aus Entscheidungen
label-learning = { $accepted } angenommen, { $rejected } abgelehnt: { $what }
label-reset = Gelerntes zurücksetzen
label-reset-hint = Die Entscheidungen bleiben, aber das Label lernt nicht mehr aus ihnen.
learning-off = aus
learning-too-few = braucht drei Entscheidungen
learning-waiting = wartet
learning-active = aktiv
learning-no-gain = nicht verwendet, weil es die Tags nicht verbessern würde
scores-reached = { $count ->
    [one] „{ $label }“ erreicht { $threshold } % auf { $reached } von { $count } Foto
   *[other] „{ $label }“ erreicht { $threshold } % auf { $reached } von { $count } Fotos
}
scores-threshold = Schwellenwert von { $label }
scores-threshold-hint = Ziehen, um festzulegen, ab welcher Sicherheit das Label vergeben wird
scores-default = Standardschwelle verwenden
scores-none = Kein Foto erreicht den Schwellenwert. Am nächsten:
scores-some = Fotos, die ihn erreichen, die unsichersten zuerst

## The export

export-about-sidecars = Tags werden als Stichwörter in XMP-Dateien neben die Fotos geschrieben. Sonst ändert sich in diesen Dateien nichts, und die Fotos bleiben unberührt.
export-about-photos = Tags werden als Stichwörter in die Fotos geschrieben und, wo das nicht sicher ist, in XMP-Dateien daneben. Sonst ändert sich in diesen Dateien nichts. Jedes Foto wird geprüft, bevor es ersetzt wird.
export-only-confirmed = Bestätigte Tags werden geschrieben. Die Stichwörter aller anderen Tags werden entfernt, wo Taglens sie geschrieben hat. Stichwörter anderer Programme bleiben.
export-about-preview = Die Vorschau zeigt jede Änderung, bevor sie gemacht wird.
export-writing = Schreiben: { $done } von { $total }
export-comparing = Vergleichen: { $done } von { $total }
export-nothing = Nichts zu schreiben. Unverändert: { $unchanged }.
export-ready = { $files } zu schreiben. Unverändert: { $unchanged }.
export-preview = Vorschau
export-write = { $files } schreiben
export-folder = Ordner „{ $name }“
export-confirmed-only = Nur bestätigte Tags
export-confirmed-only-hint = Lässt Tags weg, die Taglens vergeben hat und die nicht bestätigt sind
export-history = { $count ->
    [one] Verlauf: { $count } Export
   *[other] Verlauf: { $count } Exporte
}
export-past = { $when }: { $files }
export-undo-later = Dies und { $count } spätere rückgängig machen
export-undo-hint = Stellt diese Dateien Byte für Byte wieder her
export-names = Namen
export-names-stem = IMG.xmp für Rohdateien
export-show-diff = Zeigen, was sich in der Datei ändert
export-in-photo-added = im Foto: { $changed } kommen hinzu
export-in-photo-same = im Foto: { $changed } ändern sich, gleiche Länge
export-in-photo-longer = im Foto: { $changed } ändern sich, { $by } länger
export-in-photo-shorter = im Foto: { $changed } ändern sich, { $by } kürzer
export-in-sidecar = in einer XMP-Datei: { $why }
export-in-old-sidecar = in der vorhandenen XMP-Datei
export-other-changes = Andere Änderungen
export-for = Exportieren für
export-for-program = Exportieren für { $program }
export-any-program = Beliebiges Programm
export-into-photos = In Fotos schreiben
export-into-photos-hint = Aus: Exporte dieser Bibliothek verändern nie ein Foto
export-sidecars-not-enough = XMP-Dateien allein reichen für { $program } nicht: „In Fotos schreiben“ einschalten.
export-warning = Darf Taglens Stichwörter in die Fotos schreiben?
export-warning-changes = Was sich ändert: die Stichwörter in den Metadaten von JPEG-, PNG-, WebP-, TIFF- und DNG-Dateien. Das Bild und alle anderen Daten bleiben, Byte für Byte. Taglens schreibt jedes Foto neben das alte und vergleicht beide, bevor es etwas ersetzt. Was sich nicht sicher ändern lässt, bekommt eine XMP-Datei.
export-warning-back = Wie es zurückgeht: „Verlauf“ auf dieser Seite stellt die Fotos jedes aufgeführten Exports Byte für Byte wieder her, solange kein anderes Programm sie seither verändert hat.
export-warning-backup = Die Fotos wie immer sichern. Mit wenigen ausgewählten Fotos beginnen.
export-warning-now = Jetzt wird noch nichts geschrieben. Die Vorschau zeigt für jedes Foto die Stichwörter und den Umfang der Änderung.
export-warning-no = Fotos nicht anrühren
export-warning-yes = Für diese Bibliothek erlauben
export-runs = Es läuft bereits ein Export.
export-nothing-selected = Es ist nichts mehr ausgewählt. Die Vorschau gilt für alle Fotos.
export-automatic = { $count ->
    [one] { $count } XMP-Datei automatisch geschrieben.
   *[other] { $count } XMP-Dateien automatisch geschrieben.
}
export-done = { $files } geschrieben. Unverändert: { $unchanged }.
export-stopped = { $files } geschrieben. Unverändert: { $unchanged }. Vor dem Ende abgebrochen.
export-not-finished = Nicht abgeschlossen: { $error }
export-preview-cancelled = Vorschau abgebrochen. Es wurde nichts geschrieben.
export-no-undo = Es gibt keinen Export, der rückgängig gemacht werden kann.
export-restored = { $files } wiederhergestellt.
export-partly-restored = { $files } wiederhergestellt, { $kept } nicht:

## Activity

activity-no-failures = Alle Fotos konnten gelesen werden.
activity-failures = { $count ->
    [one] { $count } Foto ist nicht lesbar
   *[other] { $count } Fotos sind nicht lesbar
}
passed-over-heading = Ausgelassen
passed-over-videos = { $count ->
    [one] { $count } Video
   *[other] { $count } Videos
}
passed-over-unsupported = { $count ->
    [one] { $count } Datei einer nicht unterstützten Art ({ $kinds })
   *[other] { $count } Dateien nicht unterstützter Arten ({ $kinds })
}
passed-over-ignored = { $count } durch eine Regel übergangen
passed-over-other = { $count ->
    [one] { $count } Datei, die kein Foto ist
   *[other] { $count } Dateien, die keine Fotos sind
}
activity-messages = Meldungen
activity-no-messages = Keine Meldungen
scale-heading = Anpassung an diese Bibliothek
scale-done = Tags folgen dem, was auf { $photos } dieser Bibliothek üblich ist: { $added } hinzugefügt, { $removed } entfernt.
scale-undone = Tags folgten dem, was auf { $photos } dieser Bibliothek üblich ist: { $added } hinzugefügt, { $removed } entfernt. Das ist rückgängig gemacht.
scale-calibrated = { $adjusted } Die Sicherheit folgt den Urteilen des eingebauten Modells über diese Fotos (Steigung { $slope }, Grundwert { $bias }).
scale-more = { $count ->
    [one] { $labels } und { $count } weiteres Label
   *[other] { $labels } und { $count } weitere Labels
}
scale-undo = Anpassung rückgängig machen
scale-again = Tags wieder anpassen
scale-changed-since = Die Tags wurden inzwischen neu oder von einem anderen Programm angepasst.

## Settings

settings-appearance = Darstellung
settings-language = Sprache
settings-language-set = Sprache: { $language }
settings-label-names = Namen der eingebauten Labels
settings-label-names-set = Namen der eingebauten Labels: { $language }
settings-label-names-hint = Entscheidungen bleiben. Stichwörter in XMP-Dateien folgen beim nächsten Export.
settings-theme = Farben
settings-system = System
settings-light = Hell
settings-dark = Dunkel
settings-text-size = Textgröße
settings-sidecars = XMP-Dateien
settings-auto-export = XMP-Dateien automatisch schreiben
settings-auto-export-hint = XMP-Dateien folgen jeder Änderung von Tags. Jeder Export lässt sich auf der Seite „Export“ rückgängig machen. Ist dies aus, wird nichts ohne Export geschrieben. In Fotos wird nie automatisch geschrieben.
settings-hierarchical = Hierarchien für Lightroom und darktable
settings-digikam = Stichwortbaum für digiKam
settings-more = Mehr für andere Programme
settings-parents = Übergeordnete Stichwörter
settings-synonyms = Synonyme
settings-windows = Windows-Markierungen
settings-mediapro = Katalogsätze für Media Pro
settings-acdsee = Kategorien für ACDSee
settings-confirmed = Welche Tags bestätigt sind
settings-confirmed-hint = Ohne dies hält eine neue Bibliothek alle Tags in XMP-Dateien für bestätigt
settings-confidence = Sicherheit jedes Tags
settings-performance = Leistung
settings-device = Gerät
settings-devices-wait = Geräte werden gesucht …
settings-fastest = Schnellstes verfügbares
settings-fast = Geringere Genauigkeit verwenden, wo sie schneller ist
settings-fast-hint = Tags ändern sich kaum, aber alle Fotos werden neu gelesen
settings-threads = Lese-Threads
settings-automatic = Automatisch
settings-templates = Prompt-Vorlagen
settings-templates-label = Prompt-Vorlagen, eine pro Zeile. {"{}"} steht für das Label.
settings-templates-example = Die des Modells, zum Beispiel: a photo of the small {"{}"}.
settings-templates-hint = Sie legen fest, wie ein Label dem Modell beschrieben wird. Tags ändern sich sofort, und kein Foto wird neu gelesen.
settings-templates-reset = Die des Modells verwenden
settings-templates-refused = Die Vorlagen wurden nicht geändert: { $reason }.
settings-stacks = Dateien desselben Fotos gruppieren
settings-stacks-hint = Eine Rohdatei und ihr JPEG, ein Foto und sein kurzes Video sowie Apples bearbeitete Kopien teilen sich eine Kachel und dieselben Tags. Jede behält ihre eigene XMP-Datei.
settings-videos = Videos einbeziehen
settings-videos-hint = MP4-, MOV- und M4V-Dateien erhalten Tags nach ihrem ersten Bild.
settings-model = Modell
settings-not-saved = Die Einstellungen konnten nicht gespeichert werden.

## Models

models-hint = Ein anderes Modell liest alle Fotos neu. Die Entscheidungen bleiben.
model-built-in = Eingebaut. Schnell, ohne Internet und gut für alltägliche Motive.
model-own = Ein eigenes Modell.
model-in-use = In Verwendung
model-use = Verwenden
model-use-this = { $model } verwenden
model-download = Herunterladen
model-download-this = { $model } herunterladen
model-fallback = { $error }. Stattdessen wird das eingebaute Modell verwendet.
download-connecting = Verbindung wird hergestellt …
download-progress = { $done } von { $total } MB, { $speed } MB/s
download-left = { $progress }, noch { $left }
download-retrying = { $reason }; neuer Versuch
download-verifying = Download wird geprüft
download-installing = Wird installiert …
download-cancelled = Abgebrochen. Der nächste Download macht hier weiter.
download-busy = Ein anderes Modell wird heruntergeladen. Darauf warten oder zuerst abbrechen.
download-done = Das Modell { $model } ist einsatzbereit.
download-failed = Das Modell { $model } wurde nicht heruntergeladen: { $reason }
download-disk-full = { $error }. Das Modell braucht dort etwa { $size } MB. Platz schaffen und erneut herunterladen: Es geht weiter, wo es aufgehört hat

## Choosing a path

dialog-folders = Ordner mit Fotos auswählen
dialog-import = Labels importieren
dialog-export = Labels exportieren
path-title-add = Einen Ordner mit Fotos hinzufügen
path-title-import = Labels aus einer Datei importieren
path-title-export = Labels in eine Datei exportieren
path-folder = Ordner
path-file = Datei
path-example = Ein Pfad, zum Beispiel ~/Bilder
path-keys = Auf und Ab wählen · Eingabe öffnet · Tab ergänzt · Alt+Auf geht zum übergeordneten Ordner
path-up = Auf
path-up-keys = Alt+Auf
path-home = Persönlich
path-home-keys = Alt+Pos1
path-opening = Ordner wird geöffnet …
path-none = Nichts Passendes
path-empty = In diesem Ordner gibt es nichts auszuwählen
path-recent = Zuletzt
path-add = „{ $name }“ hinzufügen
path-import = Importieren
path-export = Exportieren
path-replace = „{ $name }“ ersetzen
path-choose-file = Eine Datei auswählen.
path-name-file = Einen Namen für die Datei eingeben.
path-is-file = { $name } ist eine Datei.
path-is-folder = { $name } ist ein Ordner.
path-no-folder = Es gibt keinen Ordner „{ $name }“.
path-no-file = Es gibt keine Datei „{ $name }“.
path-no-dialog = Dieses System hat keinen Dateidialog: Kein Desktop-Portal hat geantwortet. Die Auswahl ist stattdessen hier möglich.
path-not-responding = Ordner auf diesem System antworten nicht.

## Messages

toast-show = Anzeigen
toast-dismiss = Schließen
toasts-dismiss-all = Alle { $count } schließen
unsaved-trouble = { $count ->
    [one] { $count } Änderung nicht gespeichert: { $reason }.
   *[other] { $count } Änderungen nicht gespeichert: { $reason }.
}
unsaved-late = Noch nicht gespeichert: Die Bibliothek antwortet nicht.
unsaved-retry = Jetzt erneut versuchen
unsaved-retrying = { $trouble } Neuer Versuch …
unsaved-heading = Ohne Speichern beenden?
unsaved-text = Beim Beenden gehen diese Änderungen verloren.
unsaved-stay = Taglens geöffnet lassen
unsaved-quit = Ohne Speichern beenden
library-shared = Ein anderes Taglens verwendet diese Bibliothek. Dieses Fenster zeigt seinen Fortschritt.
library-busy = Taglens ist beschäftigt. Gleich noch einmal versuchen.
samples-failed = Die Beispielfotos können nicht geschrieben werden: { $error }
reveal-gone = { $path } ist gerade nicht da. Vielleicht ist der Datenträger nicht verbunden.
reveal-failed = Für { $path } konnte keine Dateiverwaltung geöffnet werden.
reveal-not-started = Die Dateiverwaltung konnte nicht gestartet werden.
crash = Der Teil von Taglens, der { $part }, ist wegen eines Fehlers stehen geblieben. Nichts ist verloren. Taglens neu starten, um weiterzumachen.
crash-reported = Der Teil von Taglens, der { $part }, ist wegen eines Fehlers stehen geblieben. Nichts ist verloren. Taglens neu starten, um weiterzumachen. Ein Bericht liegt in { $report }.
crash-last-time = Taglens wurde beim letzten Mal unerwartet beendet. Nichts ist verloren. Ein Bericht liegt in { $report }. Bitte an uns senden.
part-library = die Bibliothek verwaltet
part-pictures = Bilder anzeigt
part-search = sucht
