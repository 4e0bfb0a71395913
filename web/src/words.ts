// words.ts - every word the browser shows, in both languages; a key without one of them does not compile
// SPDX-License-Identifier: Apache-2.0
//
// {name} stands for a value.

type Pair = readonly [en: string, ja: string];

export const words = {
  product: ["dnsvigil", "dnsvigil"],
  // navigation
  overview: ["Overview", "概要"],
  alerts: ["Alerts", "アラート"],
  incidents: ["Incidents", "インシデント"],
  skip: ["Skip to content", "本文へ移動"],
  navigation: ["Main menu", "メインメニュー"],
  logout: ["Log out", "ログアウト"],
  language: ["Language", "言語"],
  theme: ["Theme", "テーマ"],
  theme_auto: ["As the system", "システムに合わせる"],
  theme_light: ["Light", "ライト"],
  theme_dark: ["Dark", "ダーク"],
  menu: ["Menu", "メニュー"],
  // getting in
  login: ["Log in", "ログイン"],
  name: ["Name", "ユーザー名"],
  password: ["Password", "パスワード"],
  password_again: ["Password again", "パスワード（確認）"],
  passwords_differ: ["The two passwords differ.", "パスワードが一致しません。"],
  setup_title: ["Welcome", "ようこそ"],
  setup_text: [
    "Nobody can log in yet. Make the first administrator: the code stands in the file setup-code of the service's state folder.",
    "まだ誰もログインできません。最初の管理者を作成してください。コードは、サービスの状態フォルダーにあるファイル setup-code に書かれています。",
  ],
  setup_code: ["Setup code", "セットアップ コード"],
  setup_do: ["Make the administrator", "管理者を作成"],
  // states of a page
  loading: ["Loading…", "読み込み中…"],
  retry: ["Try again", "再試行"],
  went_wrong: ["That did not work: {why}", "処理できませんでした: {why}"],
  offline: ["The service does not answer. Is it running?", "サービスが応答しません。起動しているか確認してください。"],
  not_found: ["There is nothing here.", "ここには何もありません。"],
  back_to_alerts: ["Back to the alerts", "アラート一覧に戻る"],
  // alerts
  search: ["Search", "検索"],
  search_hint: ["name, address, id, rule…", "名前、アドレス、ID、ルールなど"],
  severity: ["Severity", "重大度"],
  status: ["Status", "状態"],
  type: ["Type", "種類"],
  machine: ["Machine", "端末"],
  domain: ["Domain", "ドメイン"],
  count: ["Count", "件数"],
  first_seen: ["First seen", "最初の検出"],
  last_seen: ["Last seen", "最後の検出"],
  since: ["Since", "期間"],
  any: ["any", "すべて"],
  any_open: ["all but dismissed", "却下以外"],
  last_hours: ["last {count} h", "過去 {count} 時間"],
  last_days: ["last {count} days", "過去 {count} 日"],
  more: ["Show more", "さらに表示"],
  alerts_none: [
    "No alerts match. Take a filter away, or look at more time.",
    "条件に合うアラートはありません。絞り込みを外すか、期間を広げてください。",
  ],
  alerts_never: [
    "No alerts yet. That is good news, if the sources see traffic.",
    "アラートはまだありません。ソースにトラフィックが届いていれば良い知らせです。",
  ],
  selected: ["{count} selected", "{count} 件を選択中"],
  select_row: ["Select this alert", "このアラートを選択"],
  select_all: ["Select all shown", "表示中のすべてを選択"],
  set_status: ["Set to {status}", "「{status}」にする"],
  dismiss_as: ["Dismiss as", "理由を選んで却下"],
  remove_filter: ["Remove the filter {filter}", "絞り込み「{filter}」を外す"],
  new_changes: ["{count} changed", "{count} 件の変更"],
  show_new: ["Show", "表示"],
  keys_title: ["Keyboard", "キーボード"],
  keys_text: [
    "j and k move, Enter opens, x selects, Shift+X selects a range, e sets to in progress, d dismisses, / searches, ? shows this.",
    "j と k で移動、Enter で開く、x で選択、Shift+X で範囲選択、e で対応中、d で却下、/ で検索、? でこの説明を表示します。",
  ],
  close: ["Close", "閉じる"],
  // one alert
  why: ["Why it was raised", "検出の理由"],
  measured: ["measured", "測定値"],
  threshold: ["threshold", "しきい値"],
  samples: ["Sample transactions", "サンプル トランザクション"],
  time: ["Time", "時刻"],
  question: ["Question", "問い合わせ"],
  answer: ["Answer", "応答"],
  benign_if: ["When it is harmless", "無害な場合"],
  entity: ["Compromised entity", "侵害されたエンティティ"],
  owner: ["Owner", "所有者"],
  tags: ["Tags", "タグ"],
  resolver: ["Resolver", "リゾルバー"],
  prevalence: ["Other machines", "他の端末"],
  prevalence_text: [
    "{count} machines have asked for it, the first one {first}",
    "{count} 台の端末が問い合わせ、最初は {first}",
  ],
  techniques: ["Techniques", "手法"],
  tactic: ["Tactic", "戦術"],
  matched: ["What matched", "一致した項目"],
  feed: ["List", "リスト"],
  entry: ["Entry", "エントリ"],
  rule: ["Rule", "ルール"],
  tunnel: ["The tunnel", "トンネル"],
  bytes_up: ["carried out", "送信量"],
  bytes_down: ["carried in", "受信量"],
  tool: ["Tool", "ツール"],
  encoding: ["Encoding", "符号化"],
  unknown: ["unknown", "不明"],
  burst: ["The names", "名前の一覧"],
  respond: ["What to do", "対応手順"],
  copy: ["Copy as JSON", "JSON をコピー"],
  copied: ["Copied", "コピーしました"],
  sample_mark: ["sample", "サンプル"],
  retroactive_mark: ["retroactive", "過去分"],
  times: ["{count} times", "{count} 回"],
  // overview
  types: ["Kinds of alerts", "アラートの種類"],
  machines: ["Machines", "端末"],
  domains: ["Domains", "ドメイン"],
  over_time: ["Alerts over time", "アラートの推移"],
  as_table: ["{label} as a table", "{label}（表）"],
  nothing_yet: ["Nothing yet.", "まだありません。"],
  not_ready: ["Something keeps alerts from coming:", "アラートを検出できない問題があります:"],
  // taking action
  take_action: ["Take action", "アクションの実行"],
  ask_owner: ["Ask the owner", "所有者に確認"],
  owner_address: ["Mail address", "メール アドレス"],
  ask_now: ["Ask by mail", "メールで確認"],
  owner_says: ["The owner says:", "所有者の回答:"],
  mitigate: ["Clean the machine", "端末の復旧"],
  isolate: ["Cut the machine off", "端末の隔離"],
  isolation_none: [
    "No target is configured for it; see isolation.targets.",
    "隔離先が設定されていません。isolation.targets を参照してください。",
  ],
  target: ["Target", "隔離先"],
  hours: ["Hours", "時間数"],
  propose: ["Propose", "提案"],
  preview: ["Show what would change", "変更内容を表示"],
  apply: ["Apply", "適用"],
  undo: ["Undo", "元に戻す"],
  until: ["until", "期限"],
  diff_none: ["Nothing would change.", "変更はありません。"],
  suppress_like: ["Suppress alerts like this", "同様のアラートを抑制"],
  scope: ["Of", "対象"],
  scope_both: ["this machine and domain", "この端末とドメイン"],
  scope_entity: ["this machine", "この端末"],
  scope_domain: ["this domain", "このドメイン"],
  reason: ["Reason", "理由"],
  simulate: ["Simulate", "シミュレーション"],
  save_rule: ["Save the rule", "ルールを保存"],
  reach: [
    "It would have dismissed {alerts} alerts of {entities} machines.",
    "{entities} 台の端末の {alerts} 件のアラートが却下されていたことになります。",
  ],
  reach_true: ["{count} of them are confirmed true positives.", "うち {count} 件は確認済みの真陽性です。"],
  history: ["History", "履歴"],
  who_did: ["Who", "実行者"],
  what_done: ["What", "操作"],
  note: ["Note", "メモ"],
  note_add: ["Add a note", "メモを追加"],
  // values
  expected: ["expected", "想定内"],
  not_expected: ["not expected", "想定外"],
  not_mine: ["not mine", "自分の端末ではない"],
  asked: ["asked", "確認中"],
  none: ["none", "なし"],
  to_do: ["to do", "未実施"],
  done: ["done", "実施済み"],
  not_applicable: ["not applicable", "該当なし"],
  proposed: ["proposed", "提案中"],
  applied: ["applied", "適用済み"],
  undone: ["undone", "解除済み"],
  expired: ["expired", "期限切れ"],
  failed: ["failed", "失敗"],
  "false-positive": ["false positive", "誤検知"],
  "true-positive": ["true positive", "真陽性"],
  benign: ["benign", "無害"],
  test: ["test", "テスト"],
  duplicate: ["duplicate", "重複"],
  other: ["other", "その他"],
  contact: [
    "Ask whoever is responsible for the machine whether this was expected. If so, dismiss the alert; if nobody can explain it, treat the machine as compromised and go on.",
    "端末の責任者に、想定内の活動かどうかを確認します。想定内であればアラートを却下し、誰も説明できない場合は端末が侵害されたものとみなして次に進みます。",
  ],
  Informational: ["Informational", "情報"],
  Low: ["Low", "低"],
  Medium: ["Medium", "中"],
  High: ["High", "高"],
  Active: ["Active", "アクティブ"],
  InProgress: ["In progress", "対応中"],
  Resolved: ["Resolved", "解決済み"],
  Dismissed: ["Dismissed", "却下"],
} as const satisfies Record<string, Pair>;

export type Word = keyof typeof words;
export type Language = "en" | "ja";

export function language(): Language {
  return document.documentElement.lang === "ja" ? "ja" : "en";
}

/** The word in the user's language, with its values filled in. */
export function t(word: Word, values: Record<string, string | number> = {}): string {
  const text: string = words[word][language() === "ja" ? 1 : 0];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A word for a value that comes from the service; the value itself where there is none. */
export function told(value: string): string {
  return value in words ? t(value as Word) : value;
}
