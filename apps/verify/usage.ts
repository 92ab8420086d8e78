/** What `--help` prints. */
export const USAGE = {
  zh: `fundflow-verify：离线核验扶贫资金账本的收据、证据包与日志；不联网，不接数据库

用法：
  fundflow-verify proof FILE.tlog-proof --policy FILE (--record FILE | --leaf HEX)
      收据与记录：该记录是否在日志之中，检查点是否有足够的见证
  fundflow-verify bundle FILE.zip [--policy FILE]
      证据包：记录、证明、检查点、附件；不给 --policy 时用包内自带的策略
  fundflow-verify diff-checkpoints A B --policy FILE [--proof FILE] [--tiles DIR]
      两个检查点是否属于同一历史；若不是，打印一本账两种历史的证据
  fundflow-verify db [FILE|-] --checkpoint FILE [--checkpoint FILE …] --policy FILE [--tiles DIR]
      导出的日志（npx fundflow export-log）与检查点；指出第一条不符的记录
  fundflow-verify openings FILE (--log FILE | --bundle FILE.zip)
      个人信息与记录中的承诺值

选项：
  --lang zh|en   语言（默认 zh）
  --json         输出一个 JSON 对象
  --tree sm3     国密 SM3 树（默认 sha256）

退出码：0 有效；1 已被改动；2 无法判定
文件格式见 docs/evidence-bundle.md。
`,
  en: `fundflow-verify: checks receipts, evidence bundles and logs of the ledger offline; no network, no database

usage:
  fundflow-verify proof FILE.tlog-proof --policy FILE (--record FILE | --leaf HEX)
      a receipt and its record: whether it stands in the log and enough witnesses saw it
  fundflow-verify bundle FILE.zip [--policy FILE]
      an evidence bundle: records, proofs, checkpoint, attachments; by its own policy without --policy
  fundflow-verify diff-checkpoints A B --policy FILE [--proof FILE] [--tiles DIR]
      whether two checkpoints are of one history; if not, prints the proof of it
  fundflow-verify db [FILE|-] --checkpoint FILE [--checkpoint FILE ...] --policy FILE [--tiles DIR]
      an exported log (npx fundflow export-log) and its checkpoint; names the first record that differs
  fundflow-verify openings FILE (--log FILE | --bundle FILE.zip)
      personal data and the commitments of the records

options:
  --lang zh|en   language (default zh)
  --json         prints one JSON object
  --tree sm3     a tree in SM3 (default sha256)

exit codes: 0 valid; 1 tampered; 2 cannot decide
The files are described in docs/evidence-bundle.md.
`,
} as const;
