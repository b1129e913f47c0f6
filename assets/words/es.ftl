# The words of the window in Spanish. en.ftl explains the style.

## Things and numbers

photos = { $count ->
    [one] { $count } foto
   *[other] { $count } fotos
}
files = { $count ->
    [one] { $count } archivo
   *[other] { $count } archivos
}
sidecars = { $count ->
    [one] { $count } archivo XMP
   *[other] { $count } archivos XMP
}
photos-and-sidecars = { $photos } y { $sidecars }
bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
photos-selected = { $count ->
    [one] { $count } foto seleccionada
   *[other] { $count } fotos seleccionadas
}
selected = { $count ->
    [one] { $count } seleccionada
   *[other] { $count } seleccionadas
}
suggested = { $count ->
    [one] { $count } sugerida
   *[other] { $count } sugeridas
}
photos-shown = { $count ->
    [one] { $shown } de { $count } foto
   *[other] { $shown } de { $count } fotos
}
of = { $some } de { $all }
and = y
and-more = … y { $count } más
percent = { $share } %
percent-least = menos del { $share } %
size-kb = { $size } kB
size-mb = { $size } MB
size-gb = { $size } GB
time-seconds = { $seconds } s
time-minutes = { $minutes } min
time-hours = { $hours } h { $minutes } min
ago-now = Ahora mismo
ago-minutes = { $count ->
    [one] Hace { $count } minuto
   *[other] Hace { $count } minutos
}
ago-hours = { $count ->
    [one] Hace { $count } hora
   *[other] Hace { $count } horas
}
ago-days = { $count ->
    [one] Hace { $count } día
   *[other] Hace { $count } días
}

## Dates

month = { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
}
weekday = { $weekday ->
    [1] lunes
    [2] martes
    [3] miércoles
    [4] jueves
    [5] viernes
    [6] sábado
   *[7] domingo
}
date-month = { $month } de { $year }
date-day = { $weekday }, { $day } de { $month } de { $year }
captured = Tomada el { $time }
captured-by-name = Tomada el { $day }, según su nombre
captured-changed = Modificada el { $day }

## Words of many places

accept = Aceptar
reject = Rechazar
accept-all = Aceptar todo
reject-all = Rechazar todo
select = Seleccionar
undo = Deshacer
cancel = Cancelar
apply = Aplicar
discard = Descartar
previous = Anterior
next = Siguiente
tags = Marcas
folders = Carpetas
all-photos = Todas las fotos
edit-label = Editar etiqueta
why-tag = ¿Por qué esta marca?
key-enter = Intro
key-left = Flecha izquierda
key-right = Flecha derecha

## Screens

screen-photos = Fotos
screen-review = Revisión
screen-labels = Etiquetas
screen-export = Exportación
screen-activity = Actividad
screen-settings = Ajustes

## Menus and commands

menu-file = Archivo
menu-edit = Editar
menu-view = Ver
menu-library = Biblioteca
menu-help = Ayuda
action-step = { $action }: { $step }
action-add-folder = Añadir carpeta…
action-type-folder = Añadir carpeta por su ruta…
action-try-samples = Probar con las fotos de ejemplo
action-rescan = Volver a leer todas las carpetas
action-retry-failed = Volver a leer las fotos fallidas
action-reveal = Mostrar en el gestor de archivos
action-preview-export = Exportar archivos XMP…
action-undo-export = Deshacer la última exportación
action-quit = Salir
action-undo = Deshacer
action-redo = Rehacer
action-select-all = Seleccionar todas las fotos
action-select-none = Deseleccionar todo
action-accept = Aceptar sugerencias
action-reject = Rechazar sugerencias
action-add-tag = Añadir una marca…
action-copy-tags = Copiar marcas
action-paste-tags = Pegar marcas
action-copy-path = Copiar ruta
action-find-similar = Buscar fotos parecidas
action-search = Buscar
action-clear-filters = Mostrar todas las fotos
action-show-photos = Fotos
action-show-review = Revisión
action-show-labels = Etiquetas
action-check-labels = Comprobar etiquetas
action-show-export = Exportación
action-show-activity = Actividad
action-show-settings = Ajustes
action-preview = Vista previa grande
action-full-screen = Pantalla completa
action-toggle-sidebar = Barra lateral
action-toggle-inspector = Inspector
action-larger-tiles = Miniaturas más grandes
action-smaller-tiles = Miniaturas más pequeñas
action-toggle-theme = Cambiar entre claro y oscuro
action-toggle-pause = Pausar o reanudar
shortcuts = Atajos de teclado
action-palette = Todas las órdenes…
step-decision = decisión sobre «{ $label }»
step-decisions = { $count } decisiones
step-labels = cambio de etiquetas
palette = Orden
palette-hint = ¿Qué hacer?
palette-none = Ninguna orden coincide

## Why a command is not available

refusal-pictures = Disponible en las páginas Fotos y Revisión.
refusal-photos = Disponible en la página Fotos.
refusal-of = «{ $action }»: { $reason }
refusal-select-first = Seleccionar fotos primero: pulsar una, o Ctrl+A para todas.
refusal-select-one = Seleccionar una foto primero.
refusal-undo = No hay nada que deshacer.
refusal-redo = No hay nada que rehacer.
refusal-no-photos = Aquí no hay fotos.
refusal-no-failures = No hay fotos fallidas.
refusal-copy-first = Copiar primero las marcas de una foto.

## Context menus

menu-retry = Volver a leer
menu-let-decide = Dejar decidir a Taglens
menu-show-photos = Mostrar fotos
menu-review = Revisar sugerencias
menu-add-label = Añadir a las etiquetas
menu-add-label-hint = Taglens la buscará en todas las fotos
menu-rename = Cambiar nombre…
menu-merge = Combinar con…
menu-delete-label = Eliminar etiqueta
menu-delete-label-hint = Las fotos conservan las marcas confirmadas
menu-pause-watching = Pausar la vigilancia
menu-resume-watching = Reanudar la vigilancia
menu-remove-folder = Quitar de la biblioteca
menu-remove-folder-hint = Las fotos no se eliminan y las decisiones se conservan
menu-add-to-selection = Añadir a la selección

## The status bar

status-ready = Listo
status-starting = Iniciando…
status-paused = En pausa
status-scanning = Recorriendo carpetas: { $photos }
status-reading = Leyendo { $done } de { $total }, { $speed } fotos/s
status-reading-left = Leyendo { $done } de { $total }, { $speed } fotos/s, quedan { $left }
status-tagging = Actualizando marcas
status-again = Volviendo a leer fotos conocidas
status-idle = Al día
status-calibrating = { $model }, calibrando
status-calibrating-why = Este modelo no se ha medido con fotografías. Sus marcas son aproximadas hasta que se hayan leído al menos 16 fotos y no quede ninguna por leer. Entonces siguen lo habitual en esta biblioteca y los juicios del modelo integrado sobre las fotos que también él ha leído.
status-pause = Pausar
status-resume = Reanudar
status-failed = { $count ->
    [one] { $count } fallida
   *[other] { $count } fallidas
}

## The first start

welcome-heading = Elegir una carpeta con fotos
welcome-text = Taglens mira cada foto y le sugiere marcas. Nada sale de este equipo y ninguna foto se modifica.
welcome-choose = Elegir una carpeta
welcome-type = Escribir una ruta
welcome-drop = o soltar carpetas en cualquier lugar de esta ventana
welcome-recent = Carpetas recientes
welcome-model = El modelo integrado está listo
welcome-model-text = Es rápido y funciona sin conexión. Los modelos CLIP completos reconocen más. Cada uno se descarga una vez y después también funciona sin conexión.
welcome-models = Todos los modelos

## The side bar

folders-add = + Añadir
folders-add-hint = Añadir una carpeta
folder-waiting = { $count } aún sin leer
folder-watching = vigilada
folder-paused = en pausa
folder-offline = sin conexión
searches = Búsquedas guardadas
searches-remove = Quitar la búsqueda guardada
searches-none = Elegir un filtro primero.
searches-saved = «{ $name }» está guardada en la barra lateral.
labels-edit = Editar
labels-edit-hint = Editar etiquetas
labels-find-one = Buscar una etiqueta
labels-none-yet = Las etiquetas de las fotos aparecen aquí.
labels-none-match = Ninguna etiqueta coincide

## Search and filters

search = Buscar
search-hint = Buscar: palabras, tag:perro, folder:2024
search-filters = Filtros
search-meaning = Lo que muestran las fotos
search-files = Archivos
search-more = Mostrar fotos menos parecidas
search-busy = La última búsqueda sigue en marcha.
search-not-read = { $name } aún no se ha leído
search-nothing-read = aún no se ha leído ninguna foto
search-no-label = la etiqueta «{ $label }» ya no existe
filter = Filtrar
filter-date = Fecha
filter-camera = Cámara
filter-no-camera = Sin datos de la cámara
filter-format = Formato
filter-save = Guardar búsqueda
filter-save-hint = Conserva los filtros en uso en la barra lateral
filter-year = Todo { $year }
filter-remove = Quitar este filtro
filter-clear = Quitar todos
filter-in = en { $folder }
filter-tagged = con { $label }
filter-like = como «{ $sought }»
filter-similar = parecidas a { $name }
filter-searching = buscando «{ $sought }»…
filter-tags-tagged = Con marcas
filter-tags-untagged = Sin marcas
filter-tags-suggested = Con sugerencias
filter-tags-confirmed = Confirmadas
filter-tags-failed = Fallidas

## The photos

photos-none-yet = Aún no hay fotos
photos-none-yet-hint = Las fotos aparecen aquí a medida que se encuentran.
photos-none-match = Ninguna foto coincide
thumbnail-size = Tamaño de las miniaturas
order-name = Nombre
order-newest = Más recientes
order-oldest = Más antiguas
order-confidence = Confianza
group-none = Sin grupos
group-folder = Por carpeta
group-day = Por día
group-select = Seleccionar { $name }, { $photos }
scrubber-date = Fecha: { $date }
tile-failed = Ilegible
tile-waiting = En espera
tile-no-preview = Sin vista previa
tile-no-tags = { $name }, sin marcas
tile-incomplete = incompleta
chip-accepted = aceptada
chip-suggested = sugerida
chip-rejected = rechazada
loupe-back = Volver a la cuadrícula
loupe-full-screen-hint = F11. Escape para salir.
loupe-actual = 100 %
loupe-actual-hint = Z o doble clic: mostrar cada píxel
loupe-whole = Foto completa
loupe-whole-hint = Z o doble clic

## The inspector

inspector-none = Seleccionar una foto para ver sus detalles.
inspector-unread = { $count } de ellas aún sin leer
inspector-enlarge = Espacio para ampliar
inspector-with = Con { $files }
inspector-incomplete = Incompleta: el archivo termina antes de tiempo y falta la parte gris
similar-photos = Fotos parecidas
similar-photo = Parecida: { $name }
similar-all = Todas
similar-searching = Buscando…
similar-none = No hay fotos parecidas
tags-confirmed = Confirmadas
tags-automatic = Automáticas
tags-suggested = Sugeridas
tags-rejected = Rechazadas
tags-counting = Contando las marcas…
tags-none = Aún no hay marcas.
tags-unread = { $count ->
    [one] Las marcas aparecen cuando se ha leído la foto.
   *[other] Las marcas aparecen cuando se han leído las fotos.
}
tag-accept = Aceptar { $label }
tag-accept-all = { $count ->
    [2] Aceptar { $label } para ambas fotos
   *[other] Aceptar { $label } para las { $count } fotos
}
tag-reject = Rechazar { $label }
tag-reject-all = { $count ->
    [2] Rechazar { $label } para ambas fotos
   *[other] Rechazar { $label } para las { $count } fotos
}
tag-let-decide = Dejar que Taglens decida { $label }
tag-let-decide-all = { $count ->
    [2] Dejar que Taglens decida { $label } para ambas fotos
   *[other] Dejar que Taglens decida { $label } para las { $count } fotos
}
tag-add = Añadir una marca
tag-create = Crear «{ $name }»
tag-recent = Recientes
tag-add-to = Añadir una marca a { $count } fotos
tag-drop = { $count ->
    [one] Añadir «{ $label }» a { $count } foto
   *[other] Añadir «{ $label }» a { $count } fotos
}
tags-none-to-copy = Esta foto no tiene marcas que copiar.
tags-copied = Copiado: { $labels }.
tags-not-read-yet = Estas fotos aún no se han leído.
tags-pasted = { $count ->
    [one] { $count } marca añadida a { $photos }.
   *[other] { $count } marcas añadidas a { $photos }.
}

## Why a photo has a label

why-no-result = El modelo no tiene resultado para esta etiqueta y esta foto.
why-confidence = Confianza del { $confidence } %; se aplica a partir del { $threshold } %.
why-resembles = Se parece más a «{ $label }» que el { $share } de las fotos sin «{ $label }», según { $basis }.
why-basis-general = lo habitual para las palabras en general
why-basis-library = { $count ->
    [one] { $count } foto de la biblioteca
   *[other] { $count } fotos de la biblioteca
}
why-no-better-word = Ninguna otra palabra común encaja mejor.
why-better-words = { $count ->
    [one] { $count } palabra común más encaja mejor.
   *[other] { $count } palabras comunes más encajan mejor.
}
why-excluded = Se parece más a «{ $text }», que la etiqueta excluye.
why-expected = «{ $label }» se espera en el { $share } de las fotos.
why-only-below = «{ $label }» solo se aplica con una etiqueta de nivel inferior.
why-learned = { $count ->
    [one] { $count } decisión ajusta la etiqueta.
   *[other] { $count } decisiones ajustan la etiqueta.
}
why-calibrated = Este modelo no se ha medido con fotografías: la confianza sigue los juicios del modelo integrado sobre fotos de esta biblioteca.
why-not-calibrated = Este modelo no se ha medido con fotografías, y él y el modelo integrado han leído aquí demasiado pocas fotos: la confianza es aproximada.
why-neighbour = Se parece a { $name }, ya aceptada.

## Decisions

decide-no-suggestions = No hay sugerencias para las fotos seleccionadas.
decide-many = { $count ->
    [one] { $count } decisión sobre { $photos }.
   *[other] { $count } decisiones sobre { $photos }.
}
decide-accepted = «{ $label }» aceptada para { $photos }.
decide-rejected = «{ $label }» rechazada para { $photos }.
decide-withdrawn = Decisión sobre «{ $label }» retirada para { $photos }.
decide-undone-hidden = { $count ->
    [one] Deshecho en { $count } foto que no se muestra aquí.
   *[other] Deshecho en { $count } fotos que no se muestran aquí.
}
decide-redone-hidden = { $count ->
    [one] Rehecho en { $count } foto que no se muestra aquí.
   *[other] Rehecho en { $count } fotos que no se muestran aquí.
}
undo-nothing-more = No hay nada más que deshacer o rehacer.
learned = Aprendido de las decisiones: { $changes }.
learned-more-tagged = { $count ->
    [one] { $count } foto más con la marca
   *[other] { $count } fotos más con la marca
}
learned-fewer-tagged = { $count ->
    [one] { $count } foto menos con la marca
   *[other] { $count } fotos menos con la marca
}
learned-more-suggested = { $count ->
    [one] { $count } foto más con sugerencia
   *[other] { $count } fotos más con sugerencia
}
learned-fewer-suggested = { $count ->
    [one] { $count } foto menos con sugerencia
   *[other] { $count } fotos menos con sugerencia
}

## The review

review-heading = ¿Es esto «{ $label }»?
review-some = { $count ->
    [one] { $page } de { $count } foto, primero las más probables
   *[other] { $page } de { $count } fotos, primero las más probables
}
review-all = { $count ->
    [one] { $count } foto
   *[other] { $count } fotos, primero las más probables
}
review-accept-all = Aceptar las { $count }
review-reject-all = Rechazar las { $count }
review-split = Aceptar { $accepted }, rechazar { $rejected }
review-keys-wrong = Pulsar las incorrectas · A acepta · X rechaza · U deshace · Espacio amplía
review-keys-right = Pulsar las correctas · A acepta · X rechaza · U deshace · Espacio amplía
review-photo-keys = A acepta · X rechaza · U deshace · las flechas mueven
review-by-label = Por etiqueta
review-by-photo = Por foto
review-remaining = quedan { $count }
review-time-left = unos { $left }
review-done = Sesión terminada
review-left = { $count ->
    [one] Queda { $count } sugerencia para otra ocasión.
   *[other] Quedan { $count } sugerencias para otra ocasión.
}
review-another = Empezar otra sesión
review-nothing = Nada que revisar
review-nothing-hint = Aquí aparecen las marcas de las que Taglens no está seguro.
review-back = Volver a las fotos

## The labels

labels-built-in = Integradas
labels-count = { $count ->
    [one] { $count } etiqueta
   *[other] { $count } etiquetas
}
labels-tree = Árbol
labels-text = Texto
labels-text-hint = Una etiqueta por línea. Tabuladores para anidar. TOML para más opciones.
labels-check = Comprobar
labels-check-hint = Buscar etiquetas sin fotos o demasiado parecidas
labels-import = Importar…
labels-export = Exportar…
labels-by-path = Por ruta
labels-import-path = Importar desde una ruta…
labels-export-path = Exportar a una ruta…
labels-new = Etiqueta nueva
labels-new-hint = Etiqueta nueva o lista pegada
labels-drop-top = Soltar aquí para el nivel superior
labels-find = Buscar
labels-select = Seleccionar una etiqueta para editarla, o probar una nueva.
labels-comparing = Comparando con las fotos…
labels-try = Probar
labels-try-field = Probar una etiqueta
labels-try-hint = Probar cualquier texto para ver qué fotos coinciden
labels-add = Añadir etiqueta
labels-similar = Demasiado parecidas
labels-distinct = Todas las etiquetas se distinguen bien.
labels-similarity = similitud { $similarity }
labels-unmatched = { $count ->
    [one] No encontradas en { $count } foto
   *[other] No encontradas en { $count } fotos
}
labels-all-match = Cada etiqueta coincide con una foto.
labels-full-format = Las etiquetas se guardan ahora en el formato completo, que admite sinónimos y umbrales.
labels-imported = «{ $name }» está ahora en uso. Los cambios en su archivo se toman automáticamente.
labels-exported = Etiquetas exportadas a { $path }.
labels-not-written = No se puede escribir { $path }: { $error }
label-name = Nombre de la etiqueta
label-rename-hint = Intro para cambiar el nombre
label-export = Exportar
label-delete = Eliminar
label-synonyms = Sinónimos, uno por línea
label-model-names = El modelo lee: { $names }
label-prompts = Prompts
label-negatives = Excluir si parece
label-move = Mover bajo…
label-to-top = Mover al nivel superior
label-merge = Combinar con
label-learns = Aprende de las decisiones
label-learning = { $accepted } aceptadas, { $rejected } rechazadas: { $what }
label-reset = Restablecer aprendizaje
label-reset-hint = Las decisiones se conservan, pero la etiqueta ya no aprende de ellas.
learning-off = desactivado
learning-too-few = necesita tres decisiones
learning-waiting = en espera
learning-active = activo
learning-no-gain = sin usar, porque no mejoraría las marcas
scores-reached = { $count ->
    [one] «{ $label }» alcanza el { $threshold } % en { $reached } de { $count } foto
   *[other] «{ $label }» alcanza el { $threshold } % en { $reached } de { $count } fotos
}
scores-threshold = Umbral de { $label }
scores-threshold-hint = Arrastrar para fijar la confianza a partir de la cual se aplica la etiqueta
scores-default = Usar el umbral predeterminado
scores-none = Ninguna foto alcanza el umbral. Las más cercanas:
scores-some = Fotos que lo alcanzan, primero las menos seguras

## The export

export-about-sidecars = Las marcas se escriben como palabras clave en archivos XMP junto a las fotos. Nada más cambia en esos archivos y las fotos nunca se tocan.
export-about-photos = Las marcas se escriben como palabras clave en las fotos y, donde no es seguro, en archivos XMP junto a ellas. Nada más cambia en esos archivos. Cada foto se comprueba antes de sustituirla.
export-only-confirmed = Se escriben las marcas confirmadas. Las palabras clave de todas las demás se quitan donde Taglens las escribió. Las de otros programas se quedan.
export-about-preview = La vista previa muestra cada cambio antes de hacerlo.
export-writing = Escribiendo: { $done } de { $total }
export-comparing = Comparando: { $done } de { $total }
export-nothing = Nada que escribir. Sin cambios: { $unchanged }.
export-ready = { $files } por escribir. Sin cambios: { $unchanged }.
export-preview = Vista previa
export-write = Escribir { $files }
export-folder = Carpeta «{ $name }»
export-confirmed-only = Solo marcas confirmadas
export-confirmed-only-hint = Deja fuera las marcas aplicadas por Taglens y sin confirmar
export-history = { $count ->
    [one] Historial: { $count } exportación
   *[other] Historial: { $count } exportaciones
}
export-past = { $when }: { $files }
export-undo-later = Deshacer esta y { $count } posteriores
export-undo-hint = Restaura estos archivos exactamente, byte por byte
export-names = Nombres
export-names-stem = IMG.xmp para archivos raw
export-show-diff = Mostrar qué cambia en el archivo
export-in-photo-added = en la foto: se añaden { $changed }
export-in-photo-same = en la foto: cambian { $changed }, misma longitud
export-in-photo-longer = en la foto: cambian { $changed }, { $by } más
export-in-photo-shorter = en la foto: cambian { $changed }, { $by } menos
export-in-sidecar = en un archivo XMP: { $why }
export-in-old-sidecar = en el archivo XMP existente
export-other-changes = Otros cambios
export-for = Exportar para
export-for-program = Exportar para { $program }
export-any-program = Cualquier programa
export-into-photos = Escribir en las fotos
export-into-photos-hint = Desactivado: las exportaciones de esta biblioteca nunca modifican una foto
export-sidecars-not-enough = Los archivos XMP no bastan para { $program }: activar «Escribir en las fotos».
export-warning = ¿Dejar que Taglens escriba palabras clave en las fotos?
export-warning-changes = Qué cambia: las palabras clave en los metadatos de archivos JPEG, PNG, WebP, TIFF y DNG. La imagen y todos los demás datos se quedan, byte por byte. Taglens escribe cada foto junto a la antigua y compara ambas antes de sustituir nada. Lo que no se puede cambiar con seguridad recibe un archivo XMP.
export-warning-back = Cómo volver atrás: el historial, en esta página, restaura byte por byte las fotos de cada exportación de la lista, mientras ningún otro programa las haya cambiado desde entonces.
export-warning-backup = Guardar una copia de las fotos, como siempre. Empezar con unas pocas fotos seleccionadas.
export-warning-now = Ahora no se escribe nada. La vista previa muestra para cada foto las palabras clave y el tamaño del cambio.
export-warning-no = No tocar las fotos
export-warning-yes = Permitir en esta biblioteca
export-runs = Ya hay una exportación en marcha.
export-nothing-selected = Ya no hay nada seleccionado. La vista previa es de todas las fotos.
export-automatic = { $count ->
    [one] { $count } archivo XMP escrito automáticamente.
   *[other] { $count } archivos XMP escritos automáticamente.
}
export-done = Escrito: { $files }. Sin cambios: { $unchanged }.
export-stopped = Escrito: { $files }. Sin cambios: { $unchanged }. Cancelado antes del final.
export-not-finished = Sin terminar: { $error }
export-preview-cancelled = Vista previa cancelada. No se ha escrito nada.
export-no-undo = No hay ninguna exportación que deshacer.
export-restored = Restaurado: { $files }.
export-partly-restored = Restaurado: { $files }; { $kept } no:

## Activity

activity-no-failures = Se han podido leer todas las fotos.
activity-failures = { $count ->
    [one] No se puede leer { $count } foto
   *[other] No se pueden leer { $count } fotos
}
passed-over-heading = Omitidos
passed-over-videos = { $count ->
    [one] { $count } vídeo
   *[other] { $count } vídeos
}
passed-over-unsupported = { $count ->
    [one] { $count } archivo de un tipo no compatible ({ $kinds })
   *[other] { $count } archivos de tipos no compatibles ({ $kinds })
}
passed-over-ignored = { $count ->
    [one] { $count } ignorado por una regla
   *[other] { $count } ignorados por una regla
}
passed-over-other = { $count ->
    [one] { $count } archivo que no es una foto
   *[other] { $count } archivos que no son fotos
}
activity-messages = Mensajes
activity-no-messages = No hay mensajes
scale-heading = Adaptación a esta biblioteca
scale-done = Las marcas siguen lo habitual en { $photos } de esta biblioteca: { $added } añadidas, { $removed } quitadas.
scale-undone = Las marcas seguían lo habitual en { $photos } de esta biblioteca: { $added } añadidas, { $removed } quitadas. Está deshecho.
scale-calibrated = { $adjusted } La confianza sigue los juicios del modelo integrado sobre estas fotos (pendiente { $slope }, valor base { $bias }).
scale-more = { $count ->
    [one] { $labels } y { $count } etiqueta más
   *[other] { $labels } y { $count } etiquetas más
}
scale-undo = Deshacer la adaptación
scale-again = Adaptar de nuevo las marcas
scale-changed-since = Las marcas se han adaptado de nuevo desde entonces, aquí o con otro programa.

## Settings

settings-appearance = Aspecto
settings-language = Idioma
settings-language-set = Idioma: { $language }
settings-label-names = Nombres de las etiquetas integradas
settings-label-names-set = Nombres de las etiquetas integradas: { $language }
settings-label-names-hint = Las decisiones se conservan. Las palabras clave de los archivos XMP se actualizan en la próxima exportación.
settings-theme = Tema
settings-system = Sistema
settings-light = Claro
settings-dark = Oscuro
settings-text-size = Tamaño del texto
settings-sidecars = Archivos XMP
settings-auto-export = Escribir archivos XMP automáticamente
settings-auto-export-hint = Los archivos XMP siguen cada cambio de marcas. Cada exportación se puede deshacer en la página Exportación. Si está desactivado, no se escribe nada sin exportar. En las fotos nunca se escribe automáticamente.
settings-hierarchical = Jerarquías para Lightroom y darktable
settings-digikam = Árbol de etiquetas para digiKam
settings-more = Más para otros programas
settings-parents = Palabras clave superiores
settings-synonyms = Sinónimos
settings-windows = Etiquetas de Windows
settings-mediapro = Conjuntos de catálogo de Media Pro
settings-acdsee = Categorías de ACDSee
settings-confirmed = Qué marcas están confirmadas
settings-confirmed-hint = Sin esto, una biblioteca nueva da por confirmadas todas las marcas de los archivos XMP
settings-confidence = Confianza de cada marca
settings-performance = Rendimiento
settings-device = Dispositivo
settings-devices-wait = Buscando dispositivos…
settings-fastest = El más rápido
settings-fast = Usar menor precisión donde sea más rápido
settings-fast-hint = Las marcas apenas cambian, pero se vuelven a leer todas las fotos
settings-threads = Hilos de lectura
settings-automatic = Automático
settings-templates = Plantillas de prompts
settings-templates-label = Plantillas de prompts, una por línea. {"{}"} representa la etiqueta.
settings-templates-example = Las del modelo, por ejemplo: a photo of the small {"{}"}.
settings-templates-hint = Determinan cómo se describe una etiqueta al modelo. Las marcas cambian al momento y ninguna foto se vuelve a leer.
settings-templates-reset = Usar las del modelo
settings-templates-refused = Las plantillas no se han cambiado: { $reason }.
settings-stacks = Agrupar los archivos de la misma foto
settings-stacks-hint = Un archivo raw y su JPEG, una foto y su vídeo corto, y las copias editadas de Apple comparten una miniatura y las mismas marcas. Cada uno conserva su archivo XMP.
settings-videos = Incluir vídeos
settings-videos-hint = Los archivos MP4, MOV y M4V reciben marcas según su primera imagen.
settings-model = Modelo
settings-not-saved = No se han podido guardar los ajustes.

## Models

models-hint = Al cambiar de modelo se vuelven a leer todas las fotos. Las decisiones se conservan.
model-built-in = Integrado. Rápido, funciona sin conexión y sirve para temas cotidianos.
model-own = Un modelo propio.
model-in-use = En uso
model-use = Usar
model-use-this = Usar { $model }
model-download = Descargar
model-download-this = Descargar { $model }
model-fallback = { $error }. En su lugar se usa el modelo integrado.
download-connecting = Conectando…
download-progress = { $done } de { $total } MB, { $speed } MB/s
download-left = { $progress }, quedan { $left }
download-retrying = { $reason }; nuevo intento
download-verifying = Comprobando la descarga
download-installing = Instalando…
download-cancelled = Cancelado. La próxima descarga continúa desde aquí.
download-busy = Se está descargando otro modelo. Esperar a que termine o cancelarlo primero.
download-done = El modelo { $model } está listo.
download-failed = El modelo { $model } no se ha descargado: { $reason }
download-disk-full = { $error }. El modelo ocupa allí unos { $size } MB. Liberar espacio y descargar de nuevo: continúa donde se detuvo

## Choosing a path

dialog-folders = Elegir carpetas con fotos
dialog-import = Importar etiquetas
dialog-export = Exportar etiquetas
path-title-add = Añadir una carpeta con fotos
path-title-import = Importar etiquetas de un archivo
path-title-export = Exportar etiquetas a un archivo
path-folder = Carpeta
path-file = Archivo
path-example = Una ruta, por ejemplo ~/Imágenes
path-keys = Arriba y Abajo eligen · Intro abre · Tab completa · Alt+Arriba sube una carpeta
path-up = Subir
path-up-keys = Alt+Arriba
path-home = Carpeta personal
path-home-keys = Alt+Inicio
path-opening = Abriendo carpeta…
path-none = Nada coincide
path-empty = No hay nada que elegir en esta carpeta
path-recent = Recientes
path-add = Añadir «{ $name }»
path-import = Importar
path-export = Exportar
path-replace = Sustituir «{ $name }»
path-choose-file = Elegir un archivo.
path-name-file = Escribir un nombre para el archivo.
path-is-file = { $name } es un archivo.
path-is-folder = { $name } es una carpeta.
path-no-folder = No hay ninguna carpeta «{ $name }».
path-no-file = No hay ningún archivo «{ $name }».
path-no-dialog = Este sistema no tiene diálogo de archivos: ningún portal de escritorio ha respondido. Se puede elegir aquí.
path-not-responding = Las carpetas de este sistema no responden.

## Messages

toast-show = Mostrar
toast-dismiss = Cerrar
toasts-dismiss-all = Cerrar los { $count }
unsaved-trouble = { $count ->
    [one] { $count } cambio sin guardar: { $reason }.
   *[other] { $count } cambios sin guardar: { $reason }.
}
unsaved-late = Aún sin guardar: la biblioteca no responde.
unsaved-retry = Reintentar ahora
unsaved-retrying = { $trouble } Reintentando…
unsaved-heading = ¿Salir sin guardar?
unsaved-text = Al salir ahora se pierden estos cambios.
unsaved-stay = Mantener Taglens abierto
unsaved-quit = Salir sin guardar
library-shared = Otro Taglens usa esta biblioteca. Esta ventana muestra su progreso.
library-busy = Taglens está ocupado. Reintentar en un momento.
samples-failed = No se pueden escribir las fotos de ejemplo: { $error }
reveal-gone = { $path } no está ahora. Quizá su disco no esté conectado.
reveal-failed = No se ha podido abrir un gestor de archivos para { $path }.
reveal-not-started = No se ha podido iniciar el gestor de archivos.
crash = La parte de Taglens que { $part } se ha detenido por un error. No se ha perdido nada. Reiniciar Taglens para continuar.
crash-reported = La parte de Taglens que { $part } se ha detenido por un error. No se ha perdido nada. Reiniciar Taglens para continuar. Hay un informe en { $report }.
crash-last-time = Taglens se cerró de forma inesperada la última vez. No se ha perdido nada. Hay un informe en { $report }. Se agradece su envío.
part-library = gestiona la biblioteca
part-pictures = muestra imágenes
part-search = busca
