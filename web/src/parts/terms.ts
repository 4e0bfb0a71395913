// terms.ts - the closed vocabularies of alerts, in both languages: what the service tells as short names
// SPDX-License-Identifier: Apache-2.0
import { language } from "../words.ts";

type Pair = readonly [en: string, ja: string];

export const terms = {
  /** What was measured; test/terms.test.mjs compares with the detectors' own tables. */
  feature: {
    anomaly_events: ["Odd messages, lately", "最近の不審なメッセージ"],
    anomaly_weight: ["Weight of the anomalies", "異常の重み"],
    answers_not_kept: ["Answers that nobody may keep", "保持を許さない応答"],
    benign_share: ["Ordinary names that look as random", "同程度に無作為に見える通常の名前"],
    bytes_down: ["Information carried in", "受信した情報量"],
    bytes_up: ["Information carried out", "送信した情報量"],
    chance_windows: ["As suspicious by chance", "偶然に同程度となる見込み"],
    clients: ["Machines that ask for it", "問い合わせた端末"],
    confidence: ["Confidence", "確度"],
    edits: ["Letters that differ", "異なる文字数"],
    expected_by_chance: ["Expected by chance", "偶然による期待値"],
    failed_domains: ["Domains that do not exist", "存在しないドメイン"],
    first_seen_ago: ["Since it was first seen", "最初の観測からの時間"],
    queries: ["Questions", "問い合わせ数"],
    signs: ["Further signs", "その他の兆候"],
    unique_names: ["Different names", "異なる名前"],
  },
  /** Why that says something. */
  meaning: {
    anomaly_events: [
      "How many messages of this kind went between the two within the last minutes; a few mean nothing.",
      "この数分間に両者の間で見られた、この種のメッセージの数です。少数であれば問題ありません。",
    ],
    anomaly_weight: [
      "How much all odd messages between the two weigh together; the graver an oddity, the more it weighs.",
      "両者の間の不審なメッセージの重みの合計です。重大な異常ほど重くなります。",
    ],
    answers_not_kept: [
      "Answers that are to be forgotten at once, so that each question comes through; host names are kept.",
      "すぐに破棄させて毎回の問い合わせを通す応答の割合です。通常の名前の応答は保持されます。",
    ],
    benign_share: [
      "How many of the ordinary names in use score as random as this one. The fewer, the odder it is.",
      "通常使われる名前のうち、同程度に無作為と評価されるものの割合です。小さいほど異例です。",
    ],
    bytes_down: [
      "Bytes in answers that are new and more than an answer needs; they fade with time.",
      "応答に含まれる、新しく、通常の応答に不要な量のバイト数です。時間とともに減衰します。",
    ],
    bytes_up: [
      "Bytes in names that are new and more than host names hold; they fade with time.",
      "名前に含まれる、新しく、ホスト名に不要な量のバイト数です。時間とともに減衰します。",
    ],
    chance_windows: [
      "How often chance alone would by now have made failures look like this. The smaller, the surer.",
      "失敗した問い合わせが、これまでに偶然だけで同じように見える回数の見込みです。小さいほど確実です。",
    ],
    clients: [
      "Few machines asking for a name speak for something private to them; many for an ordinary service.",
      "少数の端末だけが問い合わせる名前は特有のもの、多数であれば一般的なサービスと考えられます。",
    ],
    confidence: [
      "How sure the detector is; below its limit nothing is raised.",
      "検出機能の確信の度合いです。下限に満たなければアラートになりません。",
    ],
    edits: [
      "Letters to change until the name is the other one.",
      "もう一方の名前になるまでに変える必要のある文字数です。",
    ],
    expected_by_chance: [
      "How many names this random the machine would have met by chance among those new to it.",
      "端末が新しく接した名前のうち、これほど無作為なものが偶然に含まれる見込みの数です。",
    ],
    failed_domains: [
      "Registrable domains that were asked for in vain, each counted once.",
      "問い合わせが失敗した登録可能ドメインの数です。それぞれ一度だけ数えます。",
    ],
    first_seen_ago: [
      "A name that has been around for long is seldom part of an attack that begins now.",
      "長く使われている名前が、始まったばかりの攻撃に関わることはまれです。",
    ],
    queries: [
      "How often the domain was asked for; a single question may be a mistake.",
      "ドメインが問い合わせられた回数です。一度だけなら間違いの可能性があります。",
    ],
    signs: [
      "What else in the name lures: words such as login, a cheap top-level domain, mixed alphabets.",
      "login などの語、安価なトップレベル ドメイン、文字体系の混在など、名前にあるその他の誘引要素です。",
    ],
    unique_names: [
      "Each name carries data once; a tunnel needs a new one for each piece.",
      "名前は一度しかデータを運べず、トンネルは断片ごとに新しい名前を必要とします。",
    ],
  },
  /** The tactics of ATT&CK for enterprises, in its order. */
  tactic: {
    Reconnaissance: ["Reconnaissance", "偵察"],
    "Resource Development": ["Resource Development", "リソース開発"],
    "Initial Access": ["Initial Access", "初期アクセス"],
    Execution: ["Execution", "実行"],
    Persistence: ["Persistence", "永続化"],
    "Privilege Escalation": ["Privilege Escalation", "権限昇格"],
    "Defense Evasion": ["Defense Evasion", "防御回避"],
    "Credential Access": ["Credential Access", "認証情報アクセス"],
    Discovery: ["Discovery", "探索"],
    "Lateral Movement": ["Lateral Movement", "水平展開"],
    Collection: ["Collection", "収集"],
    "Command and Control": ["Command and Control", "指揮統制"],
    Exfiltration: ["Exfiltration", "流出"],
    Impact: ["Impact", "影響"],
  },
  technique: {
    "T1048.003": ["Exfiltration over an unencrypted protocol", "暗号化されていないプロトコルによる流出"],
    "T1071.004": ["Application layer protocol: DNS", "アプリケーション層プロトコル: DNS"],
    "T1090.003": ["Multi-hop proxy", "多段プロキシ"],
    T1046: ["Network service discovery", "ネットワーク サービスの探索"],
    "T1059.004": ["Unix shell", "Unix シェル"],
    T1189: ["Drive-by compromise", "ドライブバイによる侵害"],
    T1190: ["Exploit of a public-facing application", "公開アプリケーションの悪用"],
    T1219: ["Remote access tools", "リモート アクセス ツール"],
    T1557: ["Adversary in the middle", "中間者攻撃"],
    "T1590.002": ["Gathering DNS information", "DNS 情報の収集"],
    T1105: ["Ingress tool transfer", "ツールの持ち込み"],
    T1496: ["Resource hijacking", "リソースの乗っ取り"],
    T1566: ["Phishing", "フィッシング"],
    "T1568.002": ["Domain generation algorithms", "ドメイン生成アルゴリズム"],
    T1572: ["Protocol tunneling", "プロトコル トンネリング"],
  },
  category: {
    allow: ["never to be raised", "アラート対象外"],
    popular: ["widely used domain", "広く使われるドメイン"],
    anonymity: ["anonymity network", "匿名ネットワーク"],
    anonymity_web: ["web site of an anonymity network", "匿名ネットワークの Web サイト"],
    alt_names: ["name space on a blockchain", "ブロックチェーン上の名前空間"],
    gateway: ["gateway into an anonymity network", "匿名ネットワークへのゲートウェイ"],
    web_proxy: ["anonymising web proxy", "匿名 Web プロキシ"],
    mining: ["digital currency mining", "デジタル通貨マイニング"],
    sinkhole: ["sinkhole", "シンクホール"],
    sinkhole_shared: ["sinkhole on a shared address", "共用アドレスのシンクホール"],
    block_page: ["block page of a resolver", "リゾルバーのブロック ページ"],
    phishing: ["phishing", "フィッシング"],
    c2: ["command and control", "指令サーバー"],
    malware: ["malware", "マルウェア"],
    suspicious: ["suspicious", "不審"],
  },
  /** Where an indicator matched. */
  field: {
    qname: ["the name asked for", "問い合わせた名前"],
    address: ["an address in the answer", "応答内のアドレス"],
    cname: ["an alias in the answer", "応答内の別名"],
    ns: ["a name server", "ネームサーバー"],
    soa: ["the zone's start of authority", "ゾーンの SOA"],
  },
  side: { query: ["the query", "問い合わせ"], response: ["the response", "応答"] },
  encoding: {
    decimal: ["decimal", "10 進数"],
    hex: ["hexadecimal", "16 進数"],
    base32: ["Base32", "Base32"],
    base36: ["Base36", "Base36"],
    base64: ["Base64", "Base64"],
    binary: ["binary", "バイナリ"],
  },
  /** How a likeness is made. */
  likeness: {
    homoglyph: ["letters that look alike", "見た目の似た文字"],
    mixed_scripts: ["mixed alphabets", "文字体系の混在"],
    typo: ["a slip of the finger", "打ち間違い"],
    keyboard_typo: ["the neighbouring key", "隣のキー"],
    bit_flip: ["a flipped bit", "ビットの反転"],
    combined: ["joined with other words", "他の語との組み合わせ"],
    embedded: ["stands left of another domain", "別のドメインの左側に配置"],
    other_tld: ["another top-level domain", "別のトップレベル ドメイン"],
  },
  sign: {
    lure: ["a word that lures", "誘引する語"],
    brand_domain: ["the brand's own domain inside", "ブランドのドメインを含む"],
    abused_tld: ["top-level domain that is often abused", "悪用の多いトップレベル ドメイン"],
    open_suffix: ["under a suffix open to everybody", "誰でも使えるサフィックス"],
    whole_label: ["a whole label looks like it", "ラベル全体が類似"],
    own_name: ["one of your own names", "自組織の名前"],
    word: ["it stands between hyphens or digits", "ハイフンや数字で区切られた語"],
    common_word: ["the brand is an ordinary word, too", "ブランド名が一般的な語でもある"],
    international: ["international letters", "国際化された文字"],
  },
  /** What the trail says was done. */
  action: {
    status: ["set the status", "状態を変更"],
    disposition: ["gave the reason", "理由を設定"],
    assignee: ["assigned it", "担当者を設定"],
    feedback: ["judged the alert", "アラートを評価"],
    feedback_reason: ["told why", "評価の理由を記入"],
    contact: ["noted the owner's answer", "所有者の回答を記録"],
    compromised: ["marked the machine as possibly compromised", "端末の侵害の可能性を変更"],
    note: ["wrote a note", "メモを追加"],
    id: ["gave the incident another id", "インシデントの ID を変更"],
    isolate: ["set the isolation from the network", "ネットワークからの隔離を設定"],
    scan: ["set the malware scan", "マルウェア スキャンを設定"],
    review_software: ["set the review of the software", "ソフトウェアの確認を設定"],
    restore: ["set the return to a good state", "正常な状態への復元を設定"],
    recommendations: ["set the open recommendations", "推奨事項の実施を設定"],
    propose: ["proposed an isolation", "隔離を提案"],
    apply: ["applied the isolation", "隔離を適用"],
    undo: ["undid the isolation", "隔離を解除"],
    expire: ["ended the isolation: it had expired", "期限切れの隔離を終了"],
    create: ["made the rule", "ルールを作成"],
    change: ["changed the rule", "ルールを変更"],
    remove: ["removed the rule", "ルールを削除"],
    "user.add": ["added the user", "ユーザーを追加"],
    "user.set": ["changed the user", "ユーザーを変更"],
    "user.password": ["changed the password", "パスワードを変更"],
    "user.language": ["chose a language", "言語を選択"],
    "user.remove": ["removed the user", "ユーザーを削除"],
    "session.begin": ["logged in", "ログイン"],
    "session.end": ["logged out", "ログアウト"],
    "token.add": ["made the token", "トークンを作成"],
    "token.remove": ["revoked the token", "トークンを失効"],
    backfill: ["had the past sent", "過去分の送信を指示"],
    snapshot: ["had all alerts sent", "全アラートの送信を指示"],
    forget: ["forgot the export", "エクスポートの記録を削除"],
    "feed.update": ["had the feed updated", "フィードの更新を指示"],
    redrive: ["had refused alerts sent again", "拒否分の再送を指示"],
  },
  /** What became of a mail, a request or a run of a program. */
  delivery: {
    pending: ["to be sent", "送信待ち"],
    waiting: ["waits for the digest", "まとめ待ち"],
    gathered: ["told in the digest", "まとめに記載"],
    done: ["sent", "送信済み"],
    dead: ["given up", "断念"],
    limited: ["beyond the limit", "上限超過"],
  },
  channel: { mail: ["mail", "メール"], webhook: ["webhook", "Webhook"], command: ["command", "コマンド"] },
  unit: { B: ["bytes", "バイト"], s: ["s", "秒"], bit: ["bits", "ビット"], "%": ["%", "%"] },
} as const satisfies Record<string, Record<string, Pair>>;

export type Vocabulary = keyof typeof terms;

/** The term in the user's language; one that is not known, as it is. */
export function term(vocabulary: Vocabulary, name: string): string {
  const all: Record<string, Pair> = terms[vocabulary];
  return Object.hasOwn(all, name) ? all[name]![language() === "ja" ? 1 : 0] : name.replaceAll("_", " ");
}

/** ATT&CK's ids of its tactics, in the order in which `terms.tactic` has them. */
export const tacticIds = ["TA0043", "TA0042", "TA0001", "TA0002", "TA0003", "TA0004", "TA0005", "TA0006", "TA0007",
  "TA0008", "TA0009", "TA0011", "TA0010", "TA0040"];

/** Where ATT&CK files the techniques of our detectors and rules. */
export const tacticOf: Record<keyof typeof terms.technique, keyof typeof terms.tactic> = {
  "T1048.003": "Exfiltration",
  "T1071.004": "Command and Control",
  "T1090.003": "Command and Control",
  T1105: "Command and Control",
  T1496: "Impact",
  T1566: "Initial Access",
  "T1568.002": "Command and Control",
  T1572: "Command and Control",
  T1046: "Discovery",
  "T1059.004": "Execution",
  T1189: "Initial Access",
  T1190: "Initial Access",
  T1219: "Command and Control",
  T1557: "Credential Access",
  "T1590.002": "Reconnaissance",
};
