/** The tables as they are on the disk, for the query builder. Times in milliseconds since 1970. */
import type { ColumnType } from 'kysely'

export interface Tables {
  meta: { key: string; value: string; crc: number }
  run: RunRow
  run_total: { job: string; repository: string; operation: string; outcome: string; runs: number; crc: number }
  reading: ReadingRow
  snapshot: SnapshotRow
  snapshot_detail: DetailRow
  finding: FindingRow
  incident: IncidentRow
  delivery: DeliveryRow
  told: ToldRow
  delivery_total: { notifier: string; state: string; deliveries: number; crc: number }
  push: PushRow
  push_total: { target: string; state: string; pushes: number; crc: number }
  space: SpaceRow
  backup_set: SetRow
  repository_change: {
    repository: string
    job: string
    sequence: number
    seen: ColumnType<string | null, string | null | undefined>
  }
  change_count: { only: number; sequence: number }
  lane: {
    id: string
    repository: string
    mode: string
    purpose: string
    owner: string
    waiting: number
    since: number
    beat_at: number
  }
  intake: IntakeRow
  /** Not to be read: a row here does not fit its seal. */
  intake_damaged: IntakeRow
  alert: AlertRow
  alert_total: { way: string; fate: string; alerts: number; crc: number }
  diagnosis: DiagnosisRow
  diagnosis_total: { outcome: string; cause: string; diagnoses: number; crc: number }
  schedule_mark: { task: string; since: number; handled: number | null; crc: number }
}

export interface DetailRow {
  repository: string
  id: string
  detail: string
  crc: number
}

export interface FindingRow {
  number: number
  repository: string
  kind: string
  subject: string
  message: string
  next: string
  found_at: number
  settled_at: number | null
  note: string | null
  crc: number
}

export interface SpaceRow {
  repository: string
  at: number
  way: string | null
  free_bytes: number | null
  total_bytes: number | null
  free_blocks: number | null
  total_blocks: number | null
  block_bytes: number | null
  problem: string | null
  crc: number
}

export interface RunRow {
  id: string
  round_id: string
  job: string
  repository: string
  operation: string
  trigger: string
  scheduled_for: number | null
  started_at: number
  ended_at: number | null
  phase: string
  outcome: string | null
  exit_code: number | null
  problem: string | null
  snapshot_id: string | null
  counters: string | null
  skipped: string | null
  skipped_count: number | null
  tool_version: string | null
  log: string | null
  owner: string
  child: string | null
  crc: number
}

export interface ReadingRow {
  id: string
  repository: string
  started_at: number
  ended_at: number
  good: number
  problem: string | null
  way: string
  requests: number | null
  bytes: number | null
  cpu_ms: number | null
  snapshots: number | null
  locks: string | null
  size_bytes: number | null
  tool_version: string | null
  crc: number
}

export interface SnapshotRow {
  repository: string
  id: string
  taken_at: number
  host: string
  user_name: string
  tags: string
  paths: string
  size_bytes: number | null
  files: number | null
  program: string | null
  first_seen: number
  gone_at: number | null
  crc: number
}

export interface SetRow {
  repository: string
  host: string
  user_name: string
  tags: string
  paths: string
  snapshots: number
  newest_id: string
  newest_at: number
  newest_seen: number
  size_bytes: number | null
  files: number | null
  crc: number
}

export interface IncidentRow {
  number: number
  incident_key: string
  /** As JSON; see `IncidentFacts`. */
  facts: string
  opened_at: number
  closed_at: number | null
  crc: number
}

export interface DeliveryRow {
  id: string
  notifier: string
  message: string
  made_at: number
  state: string
  attempts: number
  next_at: number
  claimed_until: number | null
  answer: string | null
  problem: string | null
  done_at: number | null
  instead_of: string | null
  parts: string | null
  refusals: number | null
  crc: number
}

export interface ToldRow {
  notifier: string
  incident: number
  event: string
  told_at: number
  crc: number
}

export interface PushRow {
  target: string
  place: string
  push_key: string
  /** Empty where it tells of several. */
  job: string
  method: string
  body: string
  made_at: number
  /** Counts up with each new body. */
  version: number
  state: string
  attempts: number
  next_at: number
  claimed_until: number | null
  kept_at: number | null
  kept_there: number | null
  answer: string | null
  problem: string | null
  crc: number
}

export interface IntakeRow {
  number: number
  way: string
  received_at: number
  body: Uint8Array
  bytes: number
  body_crc: number
  crc: number
}

export interface AlertRow {
  alert_key: string
  group_key: string
  counts: number
  received_at: number
  facts: string
  diagnosis: string | null
  crc: number
}

export interface DiagnosisRow {
  id: string
  group_key: string
  opened_at: number
  due_at: number
  state: string
  attempts: number
  claimed_until: number | null
  done_at: number | null
  finding: string | null
  crc: number
}
