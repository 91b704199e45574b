/** What restic prints with `--json`, as far as we use it. Lenient: what is missing or impossible is absent, never a failure. */
import { getSystemErrorMessage } from 'node:util'
import { z } from 'zod'

/** A whole number that can be true; negative ones and those beyond 2^53 are dropped. */
const Count = z.int().nonnegative().optional().catch(undefined)
const Text = z.string().optional().catch(undefined)
const Amount = z.number().nonnegative().optional().catch(undefined)

const Status = z.object({
  message_type: z.literal('status'),
  percent_done: Amount,
  total_files: Count,
  files_done: Count,
  files_restored: Count,
  total_bytes: Count,
  bytes_done: Count,
  bytes_restored: Count,
  seconds_remaining: Count,
  error_count: Count,
  current_files: z.array(z.string()).optional().catch(undefined),
})
export type Status = z.output<typeof Status>

/** Of a backup: the snapshot id has 8 digits before 0.15, 64 after; none without a snapshot. */
const Summary = z.object({
  message_type: z.literal('summary'),
  files_new: Count,
  files_changed: Count,
  files_unmodified: Count,
  dirs_new: Count,
  dirs_changed: Count,
  dirs_unmodified: Count,
  data_added: Count,
  data_added_packed: Count,
  total_files_processed: z.int().nonnegative(),
  total_bytes_processed: z.int().nonnegative(),
  snapshot_id: z
    .string()
    .regex(/^([0-9a-f]{8}|[0-9a-f]{64})$/)
    .optional(),
  dry_run: z.boolean().optional().catch(undefined),
})
export type Summary = z.output<typeof Summary>

/** Before 0.17.1 `error` is a dumped Go structure: `{"Op":"open","Path":"…","Err":13}` or `{}`. */
const ErrorMessage = z.object({
  message_type: z.literal('error'),
  error: z.object({ message: Text, Op: Text, Path: Text, Err: Count }).optional().catch(undefined),
  message: Text,
  during: Text,
  item: Text,
})

/** The last line on standard error of 0.18 and later when the exit code is not 0. */
const ExitError = z.object({ message_type: z.literal('exit_error'), code: Count, message: z.string() })

const CheckSummary = z.object({ message_type: z.literal('summary'), num_errors: z.int().nonnegative() })

/** A line of output as an object; `undefined` for anything else. Never throws. */
export function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

export const parseStatus = (value: unknown): Status | undefined => Status.safeParse(value).data
export const parseSummary = (value: unknown): Summary | undefined => Summary.safeParse(value).data
export const parseExitError = (value: unknown): string | undefined => ExitError.safeParse(value).data?.message
export const parseCheckSummary = (value: unknown): number | undefined => CheckSummary.safeParse(value).data?.num_errors

export interface ItemError {
  /** The file or folder; empty where restic does not say. */
  readonly path: string
  readonly reason: string
  /** It was met while counting ahead; the same file fails again when it is to be read. */
  readonly ahead: boolean
}

export function parseError(value: unknown): ItemError | undefined {
  const message = ErrorMessage.safeParse(value).data
  if (message === undefined) return undefined
  const { error } = message
  const reason = error?.message ?? message.message ?? dumpedReason(error)
  return { path: message.item ?? error?.Path ?? '', reason, ahead: message.during === 'scan' }
}

function dumpedReason(
  error: { readonly Op?: string | undefined; readonly Err?: number | undefined } | undefined,
): string {
  const cause = error?.Err === undefined ? undefined : errnoText(error.Err)
  return [error?.Op, cause].filter((part) => part !== undefined).join(': ') || 'restic gave no reason'
}

function errnoText(errno: number): string {
  try {
    return getSystemErrorMessage(-errno) ?? `error ${errno}`
  } catch {
    return `error ${errno}`
  }
}
