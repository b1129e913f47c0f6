# The words of the window in Simplified Chinese. en.ftl explains the style.

## Things and numbers

photos = { $count } 张照片
files = { $count } 个文件
sidecars = { $count } 个 XMP 文件
photos-and-sidecars = { $photos }和 { $sidecars }
bytes = { $count } 字节
photos-selected = 已选择 { $count } 张照片
selected = 已选择 { $count } 张
suggested = { $count } 张待确认
photos-shown = { $shown } / { $count } 张照片
of = { $some } / { $all }
and = 和
and-more = ……还有 { $count } 项
percent = { $share }%
percent-least = 不到 { $share }%
size-kb = { $size } kB
size-mb = { $size } MB
size-gb = { $size } GB
time-seconds = { $seconds } 秒
time-minutes = { $minutes } 分钟
time-hours = { $hours } 小时 { $minutes } 分钟
ago-now = 刚刚
ago-minutes = { $count } 分钟前
ago-hours = { $count } 小时前
ago-days = { $count } 天前

## Dates

month = { $month ->
    [1] 1月
    [2] 2月
    [3] 3月
    [4] 4月
    [5] 5月
    [6] 6月
    [7] 7月
    [8] 8月
    [9] 9月
    [10] 10月
    [11] 11月
   *[12] 12月
}
weekday = { $weekday ->
    [1] 星期一
    [2] 星期二
    [3] 星期三
    [4] 星期四
    [5] 星期五
    [6] 星期六
   *[7] 星期日
}
date-month = { $year }年{ $month }
date-day = { $year }年{ $month }{ $day }日 { $weekday }
captured = 拍摄于 { $time }
captured-by-name = 拍摄于 { $day }（根据文件名）
captured-changed = 修改于 { $day }

## Words of many places

accept = 接受
reject = 拒绝
accept-all = 全部接受
reject-all = 全部拒绝
select = 选择
undo = 撤销
cancel = 取消
apply = 应用
discard = 放弃
previous = 上一张
next = 下一张
tags = 标记
folders = 文件夹
all-photos = 所有照片
edit-label = 编辑标签
why-tag = 为什么有此标记？
key-enter = 回车键
key-left = 左箭头
key-right = 右箭头

## Screens

screen-photos = 照片
screen-review = 审核
screen-labels = 标签
screen-export = 导出
screen-activity = 活动
screen-settings = 设置

## Menus and commands

menu-file = 文件
menu-edit = 编辑
menu-view = 视图
menu-library = 图库
menu-help = 帮助
action-step = { $action }：{ $step }
action-add-folder = 添加文件夹…
action-type-folder = 按路径添加文件夹…
action-try-samples = 试用示例照片
action-rescan = 重新扫描所有文件夹
action-retry-failed = 重试失败的照片
action-reveal = 在文件管理器中显示
action-preview-export = 导出 XMP 文件…
action-undo-export = 撤销上次导出
action-quit = 退出
action-undo = 撤销
action-redo = 重做
action-select-all = 选择所有照片
action-select-none = 取消选择
action-accept = 接受建议
action-reject = 拒绝建议
action-add-tag = 添加标记…
action-copy-tags = 复制标记
action-paste-tags = 粘贴标记
action-copy-path = 复制路径
action-find-similar = 查找相似照片
action-search = 搜索
action-clear-filters = 显示所有照片
action-show-photos = 照片
action-show-review = 审核
action-show-labels = 标签
action-check-labels = 检查标签
action-show-export = 导出
action-show-activity = 活动
action-show-settings = 设置
action-preview = 大图预览
action-full-screen = 全屏
action-toggle-sidebar = 侧边栏
action-toggle-inspector = 检查器
action-larger-tiles = 放大缩略图
action-smaller-tiles = 缩小缩略图
action-toggle-theme = 切换浅色或深色
action-toggle-pause = 暂停或继续
shortcuts = 键盘快捷键
action-palette = 所有命令…
step-decision = 对“{ $label }”的决定
step-decisions = { $count } 个决定
step-labels = 标签更改
palette = 命令
palette-hint = 想做什么？
palette-none = 没有匹配的命令

## Why a command is not available

refusal-pictures = 仅在“照片”和“审核”页面可用。
refusal-photos = 仅在“照片”页面可用。
refusal-of = “{ $action }”：{ $reason }
refusal-select-first = 请先选择照片：点击一张，或按 Ctrl+A 全选。
refusal-select-one = 请先选择一张照片。
refusal-undo = 没有可撤销的操作。
refusal-redo = 没有可重做的操作。
refusal-no-photos = 这里没有照片。
refusal-no-failures = 没有失败的照片。
refusal-copy-first = 请先复制一张照片的标记。

## Context menus

menu-retry = 重试
menu-let-decide = 由 Taglens 决定
menu-show-photos = 显示照片
menu-review = 审核建议
menu-add-label = 添加到标签
menu-add-label-hint = Taglens 会在所有照片中查找它
menu-rename = 重命名…
menu-merge = 合并到…
menu-delete-label = 删除标签
menu-delete-label-hint = 照片保留已确认的标记
menu-pause-watching = 暂停监视
menu-resume-watching = 继续监视
menu-remove-folder = 从图库中移除
menu-remove-folder-hint = 不会删除照片，决定也会保留
menu-add-to-selection = 添加到选择

## The status bar

status-ready = 就绪
status-starting = 正在启动…
status-paused = 已暂停
status-scanning = 正在扫描文件夹：找到 { $photos }
status-reading = 正在读取 { $done } / { $total }，每秒 { $speed } 张
status-reading-left = 正在读取 { $done } / { $total }，每秒 { $speed } 张，剩余 { $left }
status-tagging = 正在更新标记
status-again = 正在重新读取已知照片
status-idle = 已是最新
status-calibrating = { $model }，正在校准
status-calibrating-why = 此模型未用照片测量过。在至少读取 16 张照片且没有待读照片之前，其标记只是粗略的。之后，标记会按此图库的常见情况调整，并依据内置模型对其同样读取过的照片的判断。
status-pause = 暂停
status-resume = 继续
status-failed = { $count } 张失败

## The first start

welcome-heading = 选择照片文件夹
welcome-text = Taglens 查看每张照片并建议标记。任何内容都不会离开这台电脑，也不会更改照片。
welcome-choose = 选择文件夹
welcome-type = 输入路径
welcome-drop = 或将文件夹拖放到此窗口的任意位置
welcome-recent = 最近的文件夹
welcome-model = 内置模型已就绪
welcome-model-text = 它速度快，可离线使用。完整的 CLIP 模型能识别更多内容。每个模型只需下载一次，之后也可离线使用。
welcome-models = 所有模型

## The side bar

folders-add = + 添加
folders-add-hint = 添加文件夹
folder-waiting = { $count } 张尚未读取
folder-watching = 监视中
folder-paused = 已暂停
folder-offline = 离线
searches = 已保存的搜索
searches-remove = 移除已保存的搜索
searches-none = 请先选择筛选条件。
searches-saved = 已将“{ $name }”保存到侧边栏。
labels-edit = 编辑
labels-edit-hint = 编辑标签
labels-find-one = 查找标签
labels-none-yet = 照片上的标签显示在这里。
labels-none-match = 没有匹配的标签

## Search and filters

search = 搜索
search-hint = 搜索：词语、tag:狗、folder:2024
search-filters = 筛选
search-meaning = 照片内容
search-files = 文件
search-more = 显示相似度较低的照片
search-busy = 上一次搜索仍在进行。
search-not-read = 尚未读取 { $name }
search-nothing-read = 尚未读取任何照片
search-no-label = 标签“{ $label }”已不存在
filter = 筛选
filter-date = 日期
filter-camera = 相机
filter-no-camera = 没有相机信息
filter-format = 格式
filter-save = 保存搜索
filter-save-hint = 将当前筛选条件保留在侧边栏
filter-year = { $year } 全年
filter-remove = 移除此筛选条件
filter-clear = 全部清除
filter-in = 位于 { $folder }
filter-tagged = 标记为 { $label }
filter-like = 类似“{ $sought }”
filter-similar = 与 { $name } 相似
filter-searching = 正在搜索“{ $sought }”…
filter-tags-tagged = 有标记
filter-tags-untagged = 无标记
filter-tags-suggested = 有建议
filter-tags-confirmed = 已确认
filter-tags-failed = 失败

## The photos

photos-none-yet = 还没有照片
photos-none-yet-hint = 找到照片后会显示在这里。
photos-none-match = 没有匹配的照片
thumbnail-size = 缩略图大小
order-name = 名称
order-newest = 最新在前
order-oldest = 最早在前
order-confidence = 置信度
group-none = 不分组
group-folder = 按文件夹
group-day = 按日期
group-select = 选择 { $name }，{ $photos }
scrubber-date = 日期：{ $date }
tile-failed = 无法读取
tile-waiting = 等待中
tile-no-preview = 无预览
tile-no-tags = { $name }，无标记
tile-incomplete = 不完整
chip-accepted = 已接受
chip-suggested = 建议
chip-rejected = 已拒绝
loupe-back = 返回网格
loupe-full-screen-hint = F11。按 Esc 退出。
loupe-actual = 100%
loupe-actual-hint = Z 或双击：显示每个像素
loupe-whole = 整张照片
loupe-whole-hint = Z 或双击

## The inspector

inspector-none = 选择一张照片以查看详细信息。
inspector-unread = 其中 { $count } 张尚未读取
inspector-enlarge = 按空格键放大
inspector-with = 附带 { $files }
inspector-incomplete = 不完整：文件提前结束，灰色部分缺失
similar-photos = 相似照片
similar-photo = 相似：{ $name }
similar-all = 全部
similar-searching = 正在搜索…
similar-none = 没有相似照片
tags-confirmed = 已确认
tags-automatic = 自动
tags-suggested = 建议
tags-rejected = 已拒绝
tags-counting = 正在统计标记…
tags-none = 还没有标记。
tags-unread = { $count ->
   *[other] 读取照片后会显示标记。
}
tag-accept = 接受 { $label }
tag-accept-all = 接受 { $count } 张照片的 { $label }
tag-reject = 拒绝 { $label }
tag-reject-all = 拒绝 { $count } 张照片的 { $label }
tag-let-decide = 由 Taglens 决定 { $label }
tag-let-decide-all = 由 Taglens 决定 { $count } 张照片的 { $label }
tag-add = 添加标记
tag-create = 新建“{ $name }”
tag-recent = 最近使用
tag-add-to = 为 { $count } 张照片添加标记
tag-drop = 将“{ $label }”添加到 { $count } 张照片
tags-none-to-copy = 这张照片没有可复制的标记。
tags-copied = 已复制：{ $labels }。
tags-not-read-yet = 尚未读取这些照片。
tags-pasted = 已将 { $count } 个标记添加到 { $photos }。

## Why a photo has a label

why-no-result = 模型没有此标签和照片的结果。
why-confidence = 置信度 { $confidence }%；达到 { $threshold }% 时应用。
why-resembles = 以{ $basis }衡量，它比 { $share } 的非“{ $label }”照片更像“{ $label }”。
why-basis-general = 一般词语的常见情况
why-basis-library = 图库中的 { $count } 张照片
why-no-better-word = 没有其他常用词更合适。
why-better-words = 另有 { $count } 个常用词更合适。
why-excluded = 它更像标签所排除的“{ $text }”。
why-expected = 预计 { $share } 的照片有“{ $label }”。
why-only-below = “{ $label }”只随其下级标签一起应用。
why-learned = { $count } 个决定调整了此标签。
why-calibrated = 此模型未用照片测量过：置信度依据内置模型对此图库中照片的判断。
why-not-calibrated = 此模型未用照片测量过，且它和内置模型都读取过的照片太少：置信度只是粗略的。
why-neighbour = 它像已接受的 { $name }。

## Decisions

decide-no-suggestions = 所选照片没有建议。
decide-many = 对 { $photos }作出 { $count } 个决定。
decide-accepted = 已为 { $photos }接受“{ $label }”。
decide-rejected = 已为 { $photos }拒绝“{ $label }”。
decide-withdrawn = 已撤回对 { $photos }的“{ $label }”决定。
decide-undone-hidden = 已撤销此处未显示的 { $count } 张照片的操作。
decide-redone-hidden = 已重做此处未显示的 { $count } 张照片的操作。
undo-nothing-more = 没有更多可撤销或重做的操作。
learned = 从决定中学到：{ $changes }。
learned-more-tagged = 多 { $count } 张有标记的照片
learned-fewer-tagged = 少 { $count } 张有标记的照片
learned-more-suggested = 多 { $count } 张有建议的照片
learned-fewer-suggested = 少 { $count } 张有建议的照片

## The review

review-heading = 这是“{ $label }”吗？
review-some = { $page } / { $count } 张照片，最有可能的在前
review-all = { $count } 张照片，最有可能的在前
review-accept-all = 接受全部 { $count } 张
review-reject-all = 拒绝全部 { $count } 张
review-split = 接受 { $accepted } 张，拒绝 { $rejected } 张
review-keys-wrong = 点击错误的照片 · A 接受 · X 拒绝 · U 撤销 · 空格键放大
review-keys-right = 点击正确的照片 · A 接受 · X 拒绝 · U 撤销 · 空格键放大
review-photo-keys = A 接受 · X 拒绝 · U 撤销 · 箭头键移动
review-by-label = 按标签
review-by-photo = 按照片
review-remaining = 剩余 { $count }
review-time-left = 大约 { $left }
review-done = 本轮完成
review-left = 还有 { $count } 个建议留待下次。
review-another = 开始下一轮
review-nothing = 没有要审核的内容
review-nothing-hint = Taglens 不确定的标记显示在这里。
review-back = 返回照片

## The labels

labels-built-in = 内置
labels-count = { $count } 个标签
labels-tree = 树
labels-text = 文本
labels-text-hint = 每行一个标签。用制表符缩进表示层级。更多选项请使用 TOML。
labels-check = 检查
labels-check-hint = 查找没有匹配照片或过于相似的标签
labels-import = 导入…
labels-export = 导出…
labels-by-path = 按路径
labels-import-path = 从路径导入…
labels-export-path = 导出到路径…
labels-new = 新标签
labels-new-hint = 新标签或粘贴的列表
labels-drop-top = 拖到此处移至顶层
labels-find = 查找
labels-select = 选择标签进行编辑，或试用新标签。
labels-comparing = 正在与照片比较…
labels-try = 试用
labels-try-field = 试用标签
labels-try-hint = 输入任意文字，查看匹配的照片
labels-add = 添加标签
labels-similar = 过于相似
labels-distinct = 所有标签都有明显区别。
labels-similarity = 相似度 { $similarity }
labels-unmatched = 在 { $count } 张照片中未找到
labels-all-match = 每个标签都有匹配的照片。
labels-full-format = 标签现以完整格式保存，可包含同义词和阈值。
labels-imported = 现在使用“{ $name }”。其文件的更改会自动生效。
labels-exported = 标签已导出到 { $path }。
labels-not-written = 无法写入 { $path }：{ $error }
label-name = 标签名称
label-rename-hint = 按回车键重命名
label-export = 导出
label-delete = 删除
label-synonyms = 同义词，每行一个
label-model-names = 模型读取：{ $names }
label-prompts = 提示词
label-negatives = 看起来像以下内容时排除
label-move = 移到…
label-to-top = 移到顶层
label-merge = 合并到
label-learns = 从决定中学习
label-learning = 接受 { $accepted }，拒绝 { $rejected }：{ $what }
label-reset = 重置学习
label-reset-hint = 决定会保留，但标签不再从中学习。
learning-off = 关闭
learning-too-few = 需要三个决定
learning-waiting = 等待中
learning-active = 生效
learning-no-gain = 未使用，因为不会改善标记
scores-reached = “{ $label }”在 { $count } 张照片中有 { $reached } 张达到 { $threshold }%
scores-threshold = { $label } 的阈值
scores-threshold-hint = 拖动以设置应用标签的置信度
scores-default = 使用默认阈值
scores-none = 没有照片达到阈值。最接近的：
scores-some = 达到阈值的照片，最不确定的在前

## The export

export-about-sidecars = 标记作为关键字写入照片旁的 XMP 文件。这些文件中的其他内容不变，照片从不改动。
export-about-photos = 标记作为关键字写入照片；不安全时写入旁边的 XMP 文件。这些文件中的其他内容不变。每张照片在替换前都经过检查。
export-only-confirmed = 写入已确认的标记。其他标记的关键字，凡由 Taglens 写入的都会移除。其他程序的关键字保留。
export-about-preview = 预览会在更改前显示每一项更改。
export-writing = 正在写入：{ $done } / { $total }
export-comparing = 正在比较：{ $done } / { $total }
export-nothing = 没有要写入的内容。无更改：{ $unchanged }。
export-ready = 待写入 { $files }。无更改：{ $unchanged }。
export-preview = 预览
export-write = 写入 { $files }
export-folder = 文件夹“{ $name }”
export-confirmed-only = 仅已确认的标记
export-confirmed-only-hint = 不包括由 Taglens 应用而未确认的标记
export-history = 历史：{ $count } 次导出
export-past = { $when }：{ $files }
export-undo-later = 撤销此次及之后 { $count } 次
export-undo-hint = 逐字节还原这些文件
export-names = 名称
export-names-stem = RAW 文件用 IMG.xmp
export-show-diff = 显示文件中的更改
export-in-photo-added = 照片内：增加 { $changed }
export-in-photo-same = 照片内：更改 { $changed }，长度不变
export-in-photo-longer = 照片内：更改 { $changed }，增加 { $by }
export-in-photo-shorter = 照片内：更改 { $changed }，减少 { $by }
export-in-sidecar = 在 XMP 文件中：{ $why }
export-in-old-sidecar = 在已有的 XMP 文件中
export-other-changes = 其他更改
export-for = 导出到
export-for-program = 导出到 { $program }
export-any-program = 任意程序
export-into-photos = 写入照片
export-into-photos-hint = 关闭：此图库的导出从不更改照片
export-sidecars-not-enough = 仅有 XMP 文件对 { $program } 不够：请打开“写入照片”。
export-warning = 允许 Taglens 将关键字写入照片吗？
export-warning-changes = 更改内容：JPEG、PNG、WebP、TIFF 和 DNG 文件元数据中的关键字。图像和所有其他数据逐字节不变。Taglens 将新照片写在旧照片旁，比较两者后才替换。无法安全更改的照片使用 XMP 文件。
export-warning-back = 如何还原：只要其他程序此后没有更改照片，此页面的“历史”可逐字节还原所列每次导出的照片。
export-warning-backup = 请一如既往地备份照片。先从少量选定的照片开始。
export-warning-now = 现在不会写入任何内容。预览会显示每张照片的关键字和更改大小。
export-warning-no = 不改动照片
export-warning-yes = 允许用于此图库
export-runs = 已有导出正在进行。
export-nothing-selected = 已没有选择任何照片。预览包括所有照片。
export-automatic = 已自动写入 { $count } 个 XMP 文件。
export-done = 已写入 { $files }。无更改：{ $unchanged }。
export-stopped = 已写入 { $files }。无更改：{ $unchanged }。在完成前取消。
export-not-finished = 未完成：{ $error }
export-preview-cancelled = 预览已取消。未写入任何内容。
export-no-undo = 没有可撤销的导出。
export-restored = 已还原 { $files }。
export-partly-restored = 已还原 { $files }，{ $kept } 个未还原：

## Activity

activity-no-failures = 所有照片均可读取。
activity-failures = { $count } 张照片无法读取
passed-over-heading = 未包括
passed-over-videos = { $count } 个视频
passed-over-unsupported = { $count } 个不支持的文件（{ $kinds }）
passed-over-ignored = { $count } 个按规则忽略
passed-over-other = { $count } 个非照片文件
activity-messages = 消息
activity-no-messages = 没有消息
scale-heading = 适应此图库
scale-done = 标记按此图库中 { $photos }的常见情况调整：增加 { $added }，移除 { $removed }。
scale-undone = 标记曾按此图库中 { $photos }的常见情况调整：增加 { $added }，移除 { $removed }。已撤销。
scale-calibrated = { $adjusted }置信度依据内置模型对这些照片的判断（斜率 { $slope }，偏置 { $bias }）。
scale-more = { $labels }，以及另外 { $count } 个标签
scale-undo = 撤销调整
scale-again = 再次调整标记
scale-changed-since = 标记已重新调整，或由其他程序调整。

## Settings

settings-appearance = 外观
settings-language = 语言
settings-language-set = 语言：{ $language }
settings-label-names = 内置标签的名称
settings-label-names-set = 内置标签的名称：{ $language }
settings-label-names-hint = 您的决定会保留。XMP 文件中的关键字会在下次导出时更新。
settings-theme = 主题
settings-system = 跟随系统
settings-light = 浅色
settings-dark = 深色
settings-text-size = 文字大小
settings-sidecars = XMP 文件
settings-auto-export = 自动写入 XMP 文件
settings-auto-export-hint = XMP 文件随标记的每次更改而更新。每次导出都可在“导出”页面撤销。关闭时，只有导出才会写入。从不自动写入照片。
settings-hierarchical = 用于 Lightroom 和 darktable 的层级
settings-digikam = 用于 digiKam 的标签树
settings-more = 更多其他程序
settings-parents = 上级关键字
settings-synonyms = 同义词
settings-windows = Windows 标记
settings-mediapro = Media Pro 目录集
settings-acdsee = ACDSee 类别
settings-confirmed = 哪些标记已确认
settings-confirmed-hint = 没有此项时，新图库会将 XMP 文件中的所有标记视为已确认
settings-confidence = 每个标记的置信度
settings-performance = 性能
settings-device = 设备
settings-devices-wait = 正在查找设备…
settings-fastest = 最快的可用设备
settings-fast = 在更快时使用较低精度
settings-fast-hint = 标记几乎不变，但会重新读取所有照片
settings-threads = 读取线程
settings-automatic = 自动
settings-templates = 提示词模板
settings-templates-label = 提示词模板，每行一个。{"{}"} 代表标签。
settings-templates-example = 模型自带的模板，例如：a photo of the small {"{}"}.
settings-templates-hint = 它们决定如何向模型描述标签。标记会立即更新，无需重新读取照片。
settings-templates-reset = 使用模型自带的模板
settings-templates-refused = 模板未更改：{ $reason }。
settings-stacks = 将同一照片的文件分为一组
settings-stacks-hint = RAW 文件与其 JPEG、照片与其短视频以及 Apple 编辑的副本共用一个缩略图和相同的标记。每个文件保留自己的 XMP 文件。
settings-videos = 包括视频
settings-videos-hint = MP4、MOV 和 M4V 文件按其第一帧画面标记。
settings-model = 模型
settings-not-saved = 无法保存设置。

## Models

models-hint = 更改模型会重新读取所有照片。决定会保留。
model-built-in = 内置。速度快，可离线使用，适合日常题材。
model-own = 自定义模型。
model-in-use = 使用中
model-use = 使用
model-use-this = 使用 { $model }
model-download = 下载
model-download-this = 下载 { $model }
model-fallback = { $error }。改用内置模型。
download-connecting = 正在连接…
download-progress = { $done } / { $total } MB，{ $speed } MB/s
download-left = { $progress }，剩余 { $left }
download-retrying = { $reason }；正在重试
download-verifying = 正在验证下载
download-installing = 正在安装…
download-cancelled = 已取消。下次下载将从此处继续。
download-busy = 正在下载另一个模型。请等待，或先取消下载。
download-done = 模型 { $model } 已可使用。
download-failed = 模型 { $model } 未能下载：{ $reason }
download-disk-full = { $error }。模型在那里需要约 { $size } MB。请腾出空间后重新下载：将从中断处继续

## Choosing a path

dialog-folders = 选择照片文件夹
dialog-import = 导入标签
dialog-export = 导出标签
path-title-add = 添加照片文件夹
path-title-import = 从文件导入标签
path-title-export = 将标签导出到文件
path-folder = 文件夹
path-file = 文件
path-example = 路径，例如 ~/Pictures
path-keys = 上下键选择 · 回车键打开 · Tab 补全 · Alt+上 转到上级文件夹
path-up = 上级
path-up-keys = Alt+上
path-home = 主目录
path-home-keys = Alt+Home
path-opening = 正在打开文件夹…
path-none = 没有匹配项
path-empty = 此文件夹中没有可选项
path-recent = 最近
path-add = 添加“{ $name }”
path-import = 导入
path-export = 导出
path-replace = 替换“{ $name }”
path-choose-file = 请选择文件。
path-name-file = 请输入文件名。
path-is-file = { $name } 是文件。
path-is-folder = { $name } 是文件夹。
path-no-folder = 没有文件夹“{ $name }”。
path-no-file = 没有文件“{ $name }”。
path-no-dialog = 此系统没有文件对话框：没有桌面门户响应。可以在此选择。
path-not-responding = 此系统上的文件夹没有响应。

## Messages

toast-show = 显示
toast-dismiss = 关闭
toasts-dismiss-all = 全部关闭（{ $count }）
unsaved-trouble = { $count } 项更改未保存：{ $reason }。
unsaved-late = 尚未保存：图库没有响应。
unsaved-retry = 立即重试
unsaved-retrying = { $trouble } 正在重试…
unsaved-heading = 不保存就退出？
unsaved-text = 现在退出会丢失这些更改。
unsaved-stay = 保持 Taglens 打开
unsaved-quit = 不保存并退出
library-shared = 另一个 Taglens 正在使用此图库。此窗口显示其进度。
library-busy = Taglens 正忙。请稍后再试。
samples-failed = 无法写入示例照片：{ $error }
reveal-gone = { $path } 目前不存在。其磁盘可能未连接。
reveal-failed = 无法为 { $path } 打开文件管理器。
reveal-not-started = 无法启动文件管理器。
crash = Taglens 中{ $part }的部分因错误而停止。没有数据丢失。请重新启动 Taglens 以继续。
crash-reported = Taglens 中{ $part }的部分因错误而停止。没有数据丢失。请重新启动 Taglens 以继续。报告位于 { $report }。
crash-last-time = Taglens 上次意外关闭。没有数据丢失。报告位于 { $report }。请将其发送给我们。
part-library = 管理图库
part-pictures = 显示图片
part-search = 搜索
