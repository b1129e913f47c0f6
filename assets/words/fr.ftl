# The words of the window in French. en.ftl explains the style.

## Things and numbers

photos = { $count ->
    [one] { $count } photo
   *[other] { $count } photos
}
files = { $count ->
    [one] { $count } fichier
   *[other] { $count } fichiers
}
sidecars = { $count ->
    [one] { $count } fichier XMP
   *[other] { $count } fichiers XMP
}
photos-and-sidecars = { $photos } et { $sidecars }
bytes = { $count ->
    [one] { $count } octet
   *[other] { $count } octets
}
photos-selected = { $count ->
    [one] { $count } photo sélectionnée
   *[other] { $count } photos sélectionnées
}
selected = { $count ->
    [one] { $count } sélectionnée
   *[other] { $count } sélectionnées
}
suggested = { $count ->
    [one] { $count } suggérée
   *[other] { $count } suggérées
}
photos-shown = { $count ->
    [one] { $shown } sur { $count } photo
   *[other] { $shown } sur { $count } photos
}
of = { $some } sur { $all }
and = et
and-more = … et { $count } de plus
percent = { $share } %
percent-least = moins de { $share } %
size-kb = { $size } ko
size-mb = { $size } Mo
size-gb = { $size } Go
time-seconds = { $seconds } s
time-minutes = { $minutes } min
time-hours = { $hours } h { $minutes } min
ago-now = À l’instant
ago-minutes = { $count ->
    [one] Il y a { $count } minute
   *[other] Il y a { $count } minutes
}
ago-hours = { $count ->
    [one] Il y a { $count } heure
   *[other] Il y a { $count } heures
}
ago-days = { $count ->
    [one] Il y a { $count } jour
   *[other] Il y a { $count } jours
}

## Dates

month = { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
}
weekday = { $weekday ->
    [1] lundi
    [2] mardi
    [3] mercredi
    [4] jeudi
    [5] vendredi
    [6] samedi
   *[7] dimanche
}
date-month = { $month } { $year }
date-day = { $weekday } { $day } { $month } { $year }
captured = Prise le { $time }
captured-by-name = Prise le { $day }, d’après son nom
captured-changed = Modifiée le { $day }

## Words of many places

accept = Accepter
reject = Rejeter
accept-all = Tout accepter
reject-all = Tout rejeter
select = Sélectionner
undo = Annuler
cancel = Annuler
apply = Appliquer
discard = Abandonner
previous = Précédent
next = Suivant
tags = Tags
folders = Dossiers
all-photos = Toutes les photos
edit-label = Modifier l’étiquette
why-tag = Pourquoi ce tag ?
key-enter = Entrée
key-left = Flèche gauche
key-right = Flèche droite

## Screens

screen-photos = Photos
screen-review = Vérification
screen-labels = Étiquettes
screen-export = Exportation
screen-activity = Activité
screen-settings = Réglages

## Menus and commands

menu-file = Fichier
menu-edit = Édition
menu-view = Affichage
menu-library = Bibliothèque
menu-help = Aide
action-step = { $action } : { $step }
action-add-folder = Ajouter un dossier…
action-type-folder = Ajouter un dossier par son chemin…
action-try-samples = Essayer les photos d’exemple
action-rescan = Relire tous les dossiers
action-retry-failed = Relire les photos en échec
action-reveal = Afficher dans le gestionnaire de fichiers
action-preview-export = Exporter les fichiers XMP…
action-undo-export = Annuler la dernière exportation
action-quit = Quitter
action-undo = Annuler
action-redo = Rétablir
action-select-all = Sélectionner toutes les photos
action-select-none = Tout désélectionner
action-accept = Accepter les suggestions
action-reject = Rejeter les suggestions
action-add-tag = Ajouter un tag…
action-copy-tags = Copier les tags
action-paste-tags = Coller les tags
action-copy-path = Copier le chemin
action-find-similar = Rechercher des photos similaires
action-search = Rechercher
action-clear-filters = Afficher toutes les photos
action-show-photos = Photos
action-show-review = Vérification
action-show-labels = Étiquettes
action-check-labels = Contrôler les étiquettes
action-show-export = Exportation
action-show-activity = Activité
action-show-settings = Réglages
action-preview = Grand aperçu
action-full-screen = Plein écran
action-toggle-sidebar = Barre latérale
action-toggle-inspector = Inspecteur
action-larger-tiles = Agrandir les vignettes
action-smaller-tiles = Réduire les vignettes
action-toggle-theme = Basculer entre clair et sombre
action-toggle-pause = Suspendre ou reprendre
shortcuts = Raccourcis clavier
action-palette = Toutes les commandes…
step-decision = décision sur « { $label } »
step-decisions = { $count } décisions
step-labels = modification des étiquettes
palette = Commande
palette-hint = Que faire ?
palette-none = Aucune commande correspondante

## Why a command is not available

refusal-pictures = Disponible sur les pages Photos et Vérification.
refusal-photos = Disponible sur la page Photos.
refusal-of = « { $action } » : { $reason }
refusal-select-first = Sélectionner d’abord des photos : cliquer sur l’une d’elles, ou Ctrl+A pour toutes.
refusal-select-one = Sélectionner d’abord une photo.
refusal-undo = Il n’y a rien à annuler.
refusal-redo = Il n’y a rien à rétablir.
refusal-no-photos = Il n’y a pas de photos ici.
refusal-no-failures = Aucune photo n’est en échec.
refusal-copy-first = Copier d’abord les tags d’une photo.

## Context menus

menu-retry = Relire
menu-let-decide = Laisser Taglens décider
menu-show-photos = Afficher les photos
menu-review = Vérifier les suggestions
menu-add-label = Ajouter aux étiquettes
menu-add-label-hint = Taglens la cherchera dans toutes les photos
menu-rename = Renommer…
menu-merge = Fusionner avec…
menu-delete-label = Supprimer l’étiquette
menu-delete-label-hint = Les photos gardent les tags confirmés
menu-pause-watching = Suspendre la surveillance
menu-resume-watching = Reprendre la surveillance
menu-remove-folder = Retirer de la bibliothèque
menu-remove-folder-hint = Les photos ne sont pas supprimées et les décisions sont conservées
menu-add-to-selection = Ajouter à la sélection

## The status bar

status-ready = Prêt
status-starting = Démarrage…
status-paused = Suspendu
status-scanning = Parcours des dossiers : { $photos }
status-reading = Lecture : { $done } sur { $total }, { $speed } photos/s
status-reading-left = Lecture : { $done } sur { $total }, { $speed } photos/s, encore { $left }
status-tagging = Mise à jour des tags
status-again = Relecture des photos connues
status-idle = À jour
status-calibrating = { $model }, en calibrage
status-calibrating-why = Ce modèle n’a pas été mesuré sur des photographies. Ses tags sont approximatifs jusqu’à ce qu’au moins 16 photos soient lues et qu’il n’en reste aucune à lire. Ils suivent alors ce qui est habituel dans cette bibliothèque, et les jugements du modèle intégré sur les photos qu’il a lues aussi.
status-pause = Suspendre
status-resume = Reprendre
status-failed = { $count ->
    [one] { $count } échec
   *[other] { $count } échecs
}

## The first start

welcome-heading = Choisir un dossier de photos
welcome-text = Taglens regarde chaque photo et lui propose des tags. Rien ne quitte cet ordinateur et aucune photo n’est modifiée.
welcome-choose = Choisir un dossier
welcome-type = Saisir un chemin
welcome-drop = ou déposer des dossiers n’importe où dans cette fenêtre
welcome-recent = Dossiers récents
welcome-model = Le modèle intégré est prêt
welcome-model-text = Il est rapide et fonctionne hors ligne. Les modèles CLIP complets reconnaissent davantage. Chacun est téléchargé une fois, puis fonctionne aussi hors ligne.
welcome-models = Tous les modèles

## The side bar

folders-add = + Ajouter
folders-add-hint = Ajouter un dossier
folder-waiting = { $count ->
    [one] { $count } pas encore lue
   *[other] { $count } pas encore lues
}
folder-watching = surveillé
folder-paused = suspendu
folder-offline = hors ligne
searches = Recherches enregistrées
searches-remove = Supprimer la recherche enregistrée
searches-none = Choisir d’abord un filtre.
searches-saved = « { $name } » est enregistrée dans la barre latérale.
labels-edit = Modifier
labels-edit-hint = Modifier les étiquettes
labels-find-one = Rechercher une étiquette
labels-none-yet = Les étiquettes des photos apparaissent ici.
labels-none-match = Aucune étiquette correspondante

## Search and filters

search = Rechercher
search-hint = Rechercher : mots, tag:chien, folder:2024
search-filters = Filtres
search-meaning = Ce que montrent les photos
search-files = Fichiers
search-more = Afficher des photos moins similaires
search-busy = La dernière recherche est encore en cours.
search-not-read = { $name } n’a pas encore été lue
search-nothing-read = aucune photo n’a encore été lue
search-no-label = l’étiquette « { $label } » n’existe plus
filter = Filtrer
filter-date = Date
filter-camera = Appareil
filter-no-camera = Aucune information sur l’appareil
filter-format = Format
filter-save = Enregistrer la recherche
filter-save-hint = Garde les filtres actifs dans la barre latérale
filter-year = Toute l’année { $year }
filter-remove = Retirer ce filtre
filter-clear = Tout effacer
filter-in = dans { $folder }
filter-tagged = avec { $label }
filter-like = comme « { $sought } »
filter-similar = similaire à { $name }
filter-searching = recherche de « { $sought } »…
filter-tags-tagged = Avec des tags
filter-tags-untagged = Sans tag
filter-tags-suggested = Avec des suggestions
filter-tags-confirmed = Confirmées
filter-tags-failed = En échec

## The photos

photos-none-yet = Pas encore de photos
photos-none-yet-hint = Les photos apparaissent ici dès qu’elles sont trouvées.
photos-none-match = Aucune photo correspondante
thumbnail-size = Taille des vignettes
order-name = Nom
order-newest = Plus récentes
order-oldest = Plus anciennes
order-confidence = Confiance
group-none = Sans groupes
group-folder = Par dossier
group-day = Par jour
group-select = Sélectionner { $name }, { $photos }
scrubber-date = Date : { $date }
tile-failed = Illisible
tile-waiting = En attente
tile-no-preview = Pas d’aperçu
tile-no-tags = { $name }, aucun tag
tile-incomplete = incomplète
chip-accepted = accepté
chip-suggested = suggéré
chip-rejected = rejeté
loupe-back = Retour à la grille
loupe-full-screen-hint = F11. Échap pour quitter.
loupe-actual = 100 %
loupe-actual-hint = Z ou double-clic : montrer chaque pixel
loupe-whole = Photo entière
loupe-whole-hint = Z ou double-clic

## The inspector

inspector-none = Sélectionner une photo pour voir ses détails.
inspector-unread = { $count ->
    [one] dont { $count } pas encore lue
   *[other] dont { $count } pas encore lues
}
inspector-enlarge = Espace pour agrandir
inspector-with = Avec { $files }
inspector-incomplete = Incomplète : le fichier s’arrête trop tôt et la partie grise manque
similar-photos = Photos similaires
similar-photo = Similaire : { $name }
similar-all = Toutes
similar-searching = Recherche…
similar-none = Aucune photo similaire
tags-confirmed = Confirmés
tags-automatic = Automatiques
tags-suggested = Suggérés
tags-rejected = Rejetés
tags-counting = Comptage des tags…
tags-none = Pas encore de tags.
tags-unread = { $count ->
    [one] Les tags apparaissent une fois la photo lue.
   *[other] Les tags apparaissent une fois les photos lues.
}
tag-accept = Accepter { $label }
tag-accept-all = { $count ->
    [2] Accepter { $label } pour les deux photos
   *[other] Accepter { $label } pour les { $count } photos
}
tag-reject = Rejeter { $label }
tag-reject-all = { $count ->
    [2] Rejeter { $label } pour les deux photos
   *[other] Rejeter { $label } pour les { $count } photos
}
tag-let-decide = Laisser Taglens décider de { $label }
tag-let-decide-all = { $count ->
    [2] Laisser Taglens décider de { $label } pour les deux photos
   *[other] Laisser Taglens décider de { $label } pour les { $count } photos
}
tag-add = Ajouter un tag
tag-create = Créer « { $name } »
tag-recent = Récents
tag-add-to = Ajouter un tag à { $count } photos
tag-drop = { $count ->
    [one] Ajouter « { $label } » à { $count } photo
   *[other] Ajouter « { $label } » à { $count } photos
}
tags-none-to-copy = Cette photo n’a pas de tags à copier.
tags-copied = Copié : { $labels }.
tags-not-read-yet = Ces photos n’ont pas encore été lues.
tags-pasted = { $count ->
    [one] { $count } tag ajouté à { $photos }.
   *[other] { $count } tags ajoutés à { $photos }.
}

## Why a photo has a label

why-no-result = Le modèle n’a pas de résultat pour cette étiquette et cette photo.
why-confidence = Confiance { $confidence } % ; appliquée à partir de { $threshold } %.
why-resembles = Elle ressemble plus à « { $label } » que { $share } des photos sans « { $label } », d’après { $basis }.
why-basis-general = ce qui est habituel pour les mots en général
why-basis-library = { $count ->
    [one] { $count } photo de la bibliothèque
   *[other] { $count } photos de la bibliothèque
}
why-no-better-word = Aucun autre mot courant ne convient mieux.
why-better-words = { $count ->
    [one] { $count } autre mot courant convient mieux.
   *[other] { $count } autres mots courants conviennent mieux.
}
why-excluded = Elle ressemble plus à « { $text } », que l’étiquette exclut.
why-expected = « { $label } » est attendue sur { $share } des photos.
why-only-below = « { $label } » n’est appliquée qu’avec une étiquette de niveau inférieur.
why-learned = { $count ->
    [one] { $count } décision ajuste l’étiquette.
   *[other] { $count } décisions ajustent l’étiquette.
}
why-calibrated = Ce modèle n’a pas été mesuré sur des photographies : la confiance suit les jugements du modèle intégré sur des photos de cette bibliothèque.
why-not-calibrated = Ce modèle n’a pas été mesuré sur des photographies, et trop peu de photos ont été lues ici par lui et par le modèle intégré : la confiance est approximative.
why-neighbour = Elle ressemble à { $name }, déjà acceptée.

## Decisions

decide-no-suggestions = Il n’y a pas de suggestions pour les photos sélectionnées.
decide-many = { $count ->
    [one] { $count } décision pour { $photos }.
   *[other] { $count } décisions pour { $photos }.
}
decide-accepted = « { $label } » accepté pour { $photos }.
decide-rejected = « { $label } » rejeté pour { $photos }.
decide-withdrawn = Décision sur « { $label } » retirée pour { $photos }.
decide-undone-hidden = { $count ->
    [one] Annulé pour { $count } photo qui n’est pas affichée ici.
   *[other] Annulé pour { $count } photos qui ne sont pas affichées ici.
}
decide-redone-hidden = { $count ->
    [one] Rétabli pour { $count } photo qui n’est pas affichée ici.
   *[other] Rétabli pour { $count } photos qui ne sont pas affichées ici.
}
undo-nothing-more = Il n’y a plus rien à annuler ni à rétablir.
learned = Appris des décisions : { $changes }.
learned-more-tagged = { $count ->
    [one] { $count } photo de plus avec le tag
   *[other] { $count } photos de plus avec le tag
}
learned-fewer-tagged = { $count ->
    [one] { $count } photo de moins avec le tag
   *[other] { $count } photos de moins avec le tag
}
learned-more-suggested = { $count ->
    [one] { $count } photo de plus avec une suggestion
   *[other] { $count } photos de plus avec une suggestion
}
learned-fewer-suggested = { $count ->
    [one] { $count } photo de moins avec une suggestion
   *[other] { $count } photos de moins avec une suggestion
}

## The review

review-heading = Est-ce « { $label } » ?
review-some = { $count ->
    [one] { $page } sur { $count } photo, les plus probables d’abord
   *[other] { $page } sur { $count } photos, les plus probables d’abord
}
review-all = { $count ->
    [one] { $count } photo
   *[other] { $count } photos, les plus probables d’abord
}
review-accept-all = Accepter les { $count }
review-reject-all = Rejeter les { $count }
review-split = Accepter { $accepted }, rejeter { $rejected }
review-keys-wrong = Cliquer sur les fausses · A accepte · X rejette · U annule · Espace agrandit
review-keys-right = Cliquer sur les bonnes · A accepte · X rejette · U annule · Espace agrandit
review-photo-keys = A accepte · X rejette · U annule · les flèches déplacent
review-by-label = Par étiquette
review-by-photo = Par photo
review-remaining = encore { $count }
review-time-left = environ { $left }
review-done = Session terminée
review-left = { $count ->
    [one] { $count } suggestion reste pour une autre fois.
   *[other] { $count } suggestions restent pour une autre fois.
}
review-another = Commencer une autre session
review-nothing = Rien à vérifier
review-nothing-hint = Les tags dont Taglens n’est pas sûr apparaissent ici.
review-back = Retour aux photos

## The labels

labels-built-in = Intégrées
labels-count = { $count ->
    [one] { $count } étiquette
   *[other] { $count } étiquettes
}
labels-tree = Arbre
labels-text = Texte
labels-text-hint = Une étiquette par ligne. Des tabulations pour imbriquer. TOML pour plus d’options.
labels-check = Contrôler
labels-check-hint = Rechercher les étiquettes sans photo ou trop proches
labels-import = Importer…
labels-export = Exporter…
labels-by-path = Par chemin
labels-import-path = Importer depuis un chemin…
labels-export-path = Exporter vers un chemin…
labels-new = Nouvelle étiquette
labels-new-hint = Nouvelle étiquette ou liste collée
labels-drop-top = Déposer ici pour le premier niveau
labels-find = Rechercher
labels-select = Sélectionner une étiquette pour la modifier, ou en essayer une nouvelle.
labels-comparing = Comparaison avec les photos…
labels-try = Essayer
labels-try-field = Essayer une étiquette
labels-try-hint = Essayer un texte pour voir les photos qui correspondent
labels-add = Ajouter l’étiquette
labels-similar = Trop proches
labels-distinct = Toutes les étiquettes sont bien distinctes.
labels-similarity = similarité { $similarity }
labels-unmatched = { $count ->
    [one] Introuvable sur { $count } photo
   *[other] Introuvables sur { $count } photos
}
labels-all-match = Chaque étiquette correspond à une photo.
labels-full-format = Les étiquettes sont désormais enregistrées au format complet, qui peut contenir des synonymes et des seuils.
labels-imported = « { $name } » est désormais utilisé. Les modifications de son fichier sont reprises automatiquement.
labels-exported = Étiquettes exportées vers { $path }.
labels-not-written = { $path } ne peut pas être écrit : { $error }
label-name = Nom de l’étiquette
label-rename-hint = Entrée pour renommer
label-export = Exporter
label-delete = Supprimer
label-synonyms = Synonymes, un par ligne
label-model-names = Le modèle lit : { $names }
label-prompts = Prompts
label-negatives = Exclure si cela ressemble à
label-move = Placer sous…
label-to-top = Placer au premier niveau
label-merge = Fusionner avec
label-learns = Apprend des décisions
label-learning = { $accepted } acceptées, { $rejected } rejetées : { $what }
label-reset = Réinitialiser l’apprentissage
label-reset-hint = Les décisions sont conservées, mais l’étiquette n’en apprend plus rien.
learning-off = désactivé
learning-too-few = il faut trois décisions
learning-waiting = en attente
learning-active = actif
learning-no-gain = pas utilisé, car les tags n’en seraient pas meilleurs
scores-reached = { $count ->
    [one] « { $label } » atteint { $threshold } % sur { $reached } photos sur { $count }
   *[other] « { $label } » atteint { $threshold } % sur { $reached } photos sur { $count }
}
scores-threshold = Seuil de { $label }
scores-threshold-hint = Glisser pour définir la confiance à partir de laquelle l’étiquette est appliquée
scores-default = Utiliser le seuil par défaut
scores-none = Aucune photo n’atteint le seuil. Les plus proches :
scores-some = Photos qui l’atteignent, les moins sûres d’abord

## The export

export-about-sidecars = Les tags sont écrits comme mots-clés dans des fichiers XMP à côté des photos. Rien d’autre ne change dans ces fichiers et les photos ne sont jamais touchées.
export-about-photos = Les tags sont écrits comme mots-clés dans les photos et, quand ce n’est pas sûr, dans des fichiers XMP à côté. Rien d’autre ne change dans ces fichiers. Chaque photo est contrôlée avant d’être remplacée.
export-only-confirmed = Les tags confirmés sont écrits. Les mots-clés de tous les autres tags sont retirés là où Taglens les a écrits. Les mots-clés des autres programmes restent.
export-about-preview = L’aperçu montre chaque changement avant qu’il soit fait.
export-writing = Écriture : { $done } sur { $total }
export-comparing = Comparaison : { $done } sur { $total }
export-nothing = Rien à écrire. Sans changement : { $unchanged }.
export-ready = { $files } à écrire. Sans changement : { $unchanged }.
export-preview = Aperçu
export-write = Écrire { $files }
export-folder = Dossier « { $name } »
export-confirmed-only = Tags confirmés seulement
export-confirmed-only-hint = Laisse de côté les tags appliqués par Taglens et non confirmés
export-history = { $count ->
    [one] Historique : { $count } exportation
   *[other] Historique : { $count } exportations
}
export-past = { $when } : { $files }
export-undo-later = Annuler celle-ci et { $count } suivantes
export-undo-hint = Rétablit ces fichiers exactement, à l’octet près
export-names = Noms
export-names-stem = IMG.xmp pour les fichiers raw
export-show-diff = Montrer ce qui change dans le fichier
export-in-photo-added = dans la photo : { $changed } ajoutés
export-in-photo-same = dans la photo : { $changed } modifiés, même longueur
export-in-photo-longer = dans la photo : { $changed } modifiés, { $by } de plus
export-in-photo-shorter = dans la photo : { $changed } modifiés, { $by } de moins
export-in-sidecar = dans un fichier XMP : { $why }
export-in-old-sidecar = dans le fichier XMP existant
export-other-changes = Autres changements
export-for = Exporter pour
export-for-program = Exporter pour { $program }
export-any-program = Tout programme
export-into-photos = Écrire dans les photos
export-into-photos-hint = Désactivé : les exportations de cette bibliothèque ne modifient jamais une photo
export-sidecars-not-enough = Les fichiers XMP ne suffisent pas pour { $program } : activer « Écrire dans les photos ».
export-warning = Laisser Taglens écrire des mots-clés dans les photos ?
export-warning-changes = Ce qui change : les mots-clés dans les métadonnées des fichiers JPEG, PNG, WebP, TIFF et DNG. L’image et toutes les autres données restent, octet pour octet. Taglens écrit chaque photo à côté de l’ancienne et compare les deux avant de remplacer quoi que ce soit. Ce qui ne peut pas être modifié sans risque reçoit un fichier XMP.
export-warning-back = Comment revenir en arrière : l’historique, sur cette page, rétablit à l’octet près les photos de chaque exportation listée, tant qu’aucun autre programme ne les a modifiées depuis.
export-warning-backup = Garder une sauvegarde des photos, comme toujours. Commencer par quelques photos sélectionnées.
export-warning-now = Rien n’est écrit maintenant. L’aperçu montre pour chaque photo les mots-clés et l’ampleur du changement.
export-warning-no = Ne pas toucher aux photos
export-warning-yes = Autoriser pour cette bibliothèque
export-runs = Une exportation est déjà en cours.
export-nothing-selected = Plus rien n’est sélectionné. L’aperçu porte sur toutes les photos.
export-automatic = { $count ->
    [one] { $count } fichier XMP écrit automatiquement.
   *[other] { $count } fichiers XMP écrits automatiquement.
}
export-done = Écrit : { $files }. Sans changement : { $unchanged }.
export-stopped = Écrit : { $files }. Sans changement : { $unchanged }. Interrompu avant la fin.
export-not-finished = Inachevé : { $error }
export-preview-cancelled = Aperçu interrompu. Rien n’a été écrit.
export-no-undo = Il n’y a pas d’exportation à annuler.
export-restored = Rétabli : { $files }.
export-partly-restored = Rétabli : { $files } ; { $kept } ne l’ont pas été :

## Activity

activity-no-failures = Toutes les photos ont pu être lues.
activity-failures = { $count ->
    [one] { $count } photo est illisible
   *[other] { $count } photos sont illisibles
}
passed-over-heading = Laissés de côté
passed-over-videos = { $count ->
    [one] { $count } vidéo
   *[other] { $count } vidéos
}
passed-over-unsupported = { $count ->
    [one] { $count } fichier d’un type non pris en charge ({ $kinds })
   *[other] { $count } fichiers de types non pris en charge ({ $kinds })
}
passed-over-ignored = { $count ->
    [one] { $count } ignoré par une règle
   *[other] { $count } ignorés par une règle
}
passed-over-other = { $count ->
    [one] { $count } fichier qui n’est pas une photo
   *[other] { $count } fichiers qui ne sont pas des photos
}
activity-messages = Messages
activity-no-messages = Aucun message
scale-heading = Adaptation à cette bibliothèque
scale-done = Les tags suivent ce qui est habituel parmi { $photos } de cette bibliothèque : { $added } ajoutés, { $removed } retirés.
scale-undone = Les tags suivaient ce qui est habituel parmi { $photos } de cette bibliothèque : { $added } ajoutés, { $removed } retirés. C’est annulé.
scale-calibrated = { $adjusted } La confiance suit les jugements du modèle intégré sur ces photos (pente { $slope }, valeur de base { $bias }).
scale-more = { $count ->
    [one] { $labels } et { $count } étiquette de plus
   *[other] { $labels } et { $count } étiquettes de plus
}
scale-undo = Annuler l’adaptation
scale-again = Adapter de nouveau les tags
scale-changed-since = Les tags ont été adaptés depuis, ici ou par un autre programme.

## Settings

settings-appearance = Apparence
settings-language = Langue
settings-language-set = Langue : { $language }
settings-label-names = Noms des étiquettes intégrées
settings-label-names-set = Noms des étiquettes intégrées : { $language }
settings-label-names-hint = Les décisions sont conservées. Les mots-clés des fichiers XMP suivent à la prochaine exportation.
settings-theme = Thème
settings-system = Système
settings-light = Clair
settings-dark = Sombre
settings-text-size = Taille du texte
settings-sidecars = Fichiers XMP
settings-auto-export = Écrire les fichiers XMP automatiquement
settings-auto-export-hint = Les fichiers XMP suivent chaque changement de tags. Chaque exportation peut être annulée sur la page Exportation. Si c’est désactivé, rien n’est écrit sans exportation. Les photos ne sont jamais écrites automatiquement.
settings-hierarchical = Hiérarchies pour Lightroom et darktable
settings-digikam = Arborescence de mots-clés pour digiKam
settings-more = Plus pour d’autres programmes
settings-parents = Mots-clés parents
settings-synonyms = Synonymes
settings-windows = Mots-clés Windows
settings-mediapro = Ensembles de catalogue pour Media Pro
settings-acdsee = Catégories pour ACDSee
settings-confirmed = Quels tags sont confirmés
settings-confirmed-hint = Sans cela, une nouvelle bibliothèque tient tous les tags des fichiers XMP pour confirmés
settings-confidence = Confiance de chaque tag
settings-performance = Performances
settings-device = Périphérique
settings-devices-wait = Recherche des périphériques…
settings-fastest = Le plus rapide
settings-fast = Utiliser une précision moindre là où c’est plus rapide
settings-fast-hint = Les tags changent à peine, mais toutes les photos sont relues
settings-threads = Fils de lecture
settings-automatic = Automatique
settings-templates = Modèles de prompts
settings-templates-label = Modèles de prompts, un par ligne. {"{}"} représente l’étiquette.
settings-templates-example = Ceux du modèle, par exemple : a photo of the small {"{}"}.
settings-templates-hint = Ils déterminent comment une étiquette est décrite au modèle. Les tags changent aussitôt et aucune photo n’est relue.
settings-templates-reset = Utiliser ceux du modèle
settings-templates-refused = Les modèles de prompts n’ont pas été changés : { $reason }.
settings-stacks = Grouper les fichiers d’une même photo
settings-stacks-hint = Un fichier raw et son JPEG, une photo et sa courte vidéo, et les copies modifiées d’Apple partagent une vignette et les mêmes tags. Chacun garde son fichier XMP.
settings-videos = Inclure les vidéos
settings-videos-hint = Les fichiers MP4, MOV et M4V reçoivent des tags d’après leur première image.
settings-model = Modèle
settings-not-saved = Les réglages n’ont pas pu être enregistrés.

## Models

models-hint = Changer de modèle relit toutes les photos. Les décisions sont conservées.
model-built-in = Intégré. Rapide, fonctionne hors ligne, bon pour les sujets courants.
model-own = Un modèle personnel.
model-in-use = Utilisé
model-use = Utiliser
model-use-this = Utiliser { $model }
model-download = Télécharger
model-download-this = Télécharger { $model }
model-fallback = { $error }. Le modèle intégré est utilisé à la place.
download-connecting = Connexion…
download-progress = { $done } sur { $total } Mo, { $speed } Mo/s
download-left = { $progress }, encore { $left }
download-retrying = { $reason } ; nouvelle tentative
download-verifying = Vérification du téléchargement
download-installing = Installation…
download-cancelled = Interrompu. Le prochain téléchargement reprend ici.
download-busy = Un autre modèle est en cours de téléchargement. Attendre, ou l’interrompre d’abord.
download-done = Le modèle { $model } est prêt.
download-failed = Le modèle { $model } n’a pas été téléchargé : { $reason }
download-disk-full = { $error }. Le modèle y prend environ { $size } Mo. Libérer de la place et télécharger de nouveau : la suite reprend où elle s’est arrêtée

## Choosing a path

dialog-folders = Choisir des dossiers de photos
dialog-import = Importer des étiquettes
dialog-export = Exporter les étiquettes
path-title-add = Ajouter un dossier de photos
path-title-import = Importer des étiquettes d’un fichier
path-title-export = Exporter les étiquettes dans un fichier
path-folder = Dossier
path-file = Fichier
path-example = Un chemin, par exemple ~/Images
path-keys = Haut et Bas choisissent · Entrée ouvre · Tab complète · Alt+Haut remonte d’un dossier
path-up = Remonter
path-up-keys = Alt+Haut
path-home = Dossier personnel
path-home-keys = Alt+Début
path-opening = Ouverture du dossier…
path-none = Aucun élément correspondant
path-empty = Rien à choisir dans ce dossier
path-recent = Récents
path-add = Ajouter « { $name } »
path-import = Importer
path-export = Exporter
path-replace = Remplacer « { $name } »
path-choose-file = Choisir un fichier.
path-name-file = Saisir un nom de fichier.
path-is-file = { $name } est un fichier.
path-is-folder = { $name } est un dossier.
path-no-folder = Il n’y a pas de dossier « { $name } ».
path-no-file = Il n’y a pas de fichier « { $name } ».
path-no-dialog = Ce système n’a pas de boîte de dialogue de fichiers : aucun portail de bureau n’a répondu. Le choix peut se faire ici.
path-not-responding = Les dossiers de ce système ne répondent pas.

## Messages

toast-show = Afficher
toast-dismiss = Fermer
toasts-dismiss-all = Fermer les { $count }
unsaved-trouble = { $count ->
    [one] { $count } changement non enregistré : { $reason }.
   *[other] { $count } changements non enregistrés : { $reason }.
}
unsaved-late = Pas encore enregistré : la bibliothèque ne répond pas.
unsaved-retry = Réessayer maintenant
unsaved-retrying = { $trouble } Nouvelle tentative…
unsaved-heading = Quitter sans enregistrer ?
unsaved-text = Ces changements seront perdus.
unsaved-stay = Garder Taglens ouvert
unsaved-quit = Quitter sans enregistrer
library-shared = Un autre Taglens utilise cette bibliothèque. Cette fenêtre montre sa progression.
library-busy = Taglens est occupé. Réessayer dans un instant.
samples-failed = Les photos d’exemple ne peuvent pas être écrites : { $error }
reveal-gone = { $path } est absent pour le moment. Son disque n’est peut-être pas connecté.
reveal-failed = Aucun gestionnaire de fichiers n’a pu être ouvert pour { $path }.
reveal-not-started = Le gestionnaire de fichiers n’a pas pu être démarré.
crash = La partie de Taglens qui { $part } s’est arrêtée à cause d’une erreur. Rien n’est perdu. Redémarrer Taglens pour continuer.
crash-reported = La partie de Taglens qui { $part } s’est arrêtée à cause d’une erreur. Rien n’est perdu. Redémarrer Taglens pour continuer. Un rapport se trouve dans { $report }.
crash-last-time = Taglens s’est fermé de façon inattendue la dernière fois. Rien n’est perdu. Un rapport se trouve dans { $report }. Merci de nous l’envoyer.
part-library = gère la bibliothèque
part-pictures = affiche les images
part-search = cherche
